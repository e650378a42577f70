// Package acceptance holds tests that run the real Terraform with the real
// Heroku provider, versions 4.9.0 and 5.3.2, against a
// [github.com/herokutf/herokutf/herokutest.Server] on the loopback interface.
// They show what no test of a single package can: that a state which this
// library has repaired, upgraded or compared means to Terraform what the
// library says.
//
// They need terraform or tofu on the PATH, and a registry that serves the
// provider or a mirror that TF_CLI_CONFIG_FILE names. Without TF_ACC they are
// skipped:
//
//	TF_ACC=1 go test -timeout 30m ./acceptance/...
//
// They run Terraform some 500 times, which takes a few minutes on an idle
// machine.
//
// The configurations are in testdata, one folder a version. An app that
// Heroku knows by two names, and whatever else happens behind Terraform's back,
// happens in the fake; no account is needed and none is touched.
package acceptance
