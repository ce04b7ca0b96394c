// Shows the services' OpenAPI documents; everything comes from this server, nothing is asked of another.
const services = document.querySelector("#swagger-ui").dataset.services.split(" ");
window.ui = SwaggerUIBundle({
  urls: services.map((name) => ({ name, url: `/docs/openapi/${name}.json` })),
  "urls.primaryName": new URLSearchParams(location.search).get("service") || services[0],
  dom_id: "#swagger-ui",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  persistAuthorization: false,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  layout: "StandaloneLayout",
});
