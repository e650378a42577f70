// Package testmode says how much the long tests do: crash matrices, mutations
// and soaks. They run in a short form while people work and in full in CI.
package testmode

import "os"

// FullVariable is the environment variable that asks for the full form, with
// any value but "".
const FullVariable = "HEROKUTF_FULL_TESTS"

// Full reports whether long tests run in full.
func Full() bool { return os.Getenv(FullVariable) != "" }
