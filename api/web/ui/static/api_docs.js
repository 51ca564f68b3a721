// Shows the OpenAPI description of the API with Swagger UI. The viewer only reads: it sends no calls.
"use strict";

const viewer = document.getElementById("api-docs");
const darkScheme = matchMedia("(prefers-color-scheme: dark)");
const applyScheme = () => document.documentElement.classList.toggle("dark-mode", darkScheme.matches);
applyScheme();
darkScheme.addEventListener("change", applyScheme);

SwaggerUIBundle({
  domNode: viewer,
  url: viewer.dataset.openapi,
  validatorUrl: null,
  supportedSubmitMethods: [],
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
});
