/** The image's health check: ends with 0 when the service is ready, else with 1 and the reasons. */
const response = await fetch(`http://127.0.0.1:${process.env['MILLRACE_HTTP_PORT']}/health/ready`);
if (!response.ok) {
  console.error(await response.text());
  process.exitCode = 1;
}
