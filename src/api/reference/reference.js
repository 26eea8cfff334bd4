// Dark where everything else is.
const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
follow();
dark.addEventListener("change", follow);

// What Swagger UI leaves out for those who do not see it, or do not use a mouse.
const accessible = ({ React }) => ({
    wrapComponents: {
        // A link inside of a button cannot be reached; the button sets the address, too.
        DeepLink: () => ({ text }) => React.createElement("span", null, text),
        // Headings go down one level at a time.
        operations: (Operations) => (props) =>
            React.createElement(
                React.Fragment,
                null,
                React.createElement("h2", { className: "unseen" }, "Operations"),
                React.createElement(Operations, props),
            ),
    },
});
const missing = [
    [".servers select", "aria-label", () => "Server"],
    ["select", "aria-label", () => "Media type"],
    ["textarea", "aria-label", () => "Body"],
    [".close-modal", "aria-label", () => "Close"],
    [".modal-ux-header h3", "aria-level", () => "2"],
    [".auth-container h4", "aria-level", () => "3"],
    [".responses-table", "aria-label", (table) => `Answers: ${table.id}`],
];
const complete = () => {
    for (const [selector, attribute, value] of missing) {
        for (const element of document.querySelectorAll(`${selector}:not([${attribute}])`)) {
            element.setAttribute(attribute, value(element));
        }
    }
};
new MutationObserver(complete).observe(document.body, { childList: true, subtree: true });

SwaggerUIBundle({
    url: "openapi.json",
    dom_id: "#reference",
    deepLinking: true,
    filter: true,
    defaultModelsExpandDepth: 0,
    syntaxHighlight: false,
    plugins: [accessible],
    // Its badge would tell a host outside where this page is.
    validatorUrl: null,
});
