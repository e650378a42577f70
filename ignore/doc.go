// Package ignore has the rules for drift that is not to be reported: [Parse]
// reads them from HCL or JSON, and a [Matcher] matches the objects of a comparison
// against them and notes which rules have expired or match nothing.
//
//	rules, err := ignore.Parse("drift-ignore.hcl", data)
//	...
//	report, err := herokutf.DetectDrift(ctx, client, f, herokutf.DriftOptions{Ignore: rules})
//
// It knows nothing of Heroku: it is asked with addresses, types, names and paths.
package ignore
