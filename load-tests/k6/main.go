// The k6 of the load tests: Grafana's own, without extensions, in the version that go.mod names and go.sum proves.
package main

import "go.k6.io/k6/v2/cmd"

func main() {
	cmd.Execute()
}
