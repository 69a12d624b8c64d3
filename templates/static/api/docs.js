"use strict";

// In a file of its own, because the content security policy allows no script in a page.
SwaggerUIBundle({
  url: document.getElementById("swagger-ui").dataset.schema,
  dom_id: "#swagger-ui",
  presets: [SwaggerUIBundle.presets.apis],
  deepLinking: true,
  // Ask nobody else whether the schema is valid.
  validatorUrl: null,
});
