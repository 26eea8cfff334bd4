{
  const code = document.getElementById("code");
  const button = document.getElementById("copy");
  code.addEventListener("click", () => code.select());
  button.addEventListener("click", async () => {
    code.select();
    try {
      await navigator.clipboard.writeText(code.value);
    } catch {
      document.execCommand("copy");
    }
    button.textContent = button.dataset.copied;
  });
  button.hidden = false;
}
