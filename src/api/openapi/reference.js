SwaggerUIBundle({
    url: "openapi.json",
    dom_id: "#reference",
    deepLinking: true,
    filter: true,
    defaultModelsExpandDepth: 0,
    // Its badge would tell a host outside where this page is.
    validatorUrl: null,
});
