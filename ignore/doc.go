// Package ignore has the rules for drift that is not to be reported: [Parse]
// reads them from HCL or JSON, and a [Matcher] matches the objects of a comparison
// against them and notes which rules have expired or match nothing.
//
//	rules, err := ignore.Parse("drift-ignore.hcl", data)
//	...
//	report, err := herokutf.DetectDrift(ctx, client, f, herokutf.DriftOptions{Ignore: rules})
//
// [Baseline] makes rules of what has drifted already, and [Write] writes rules as Parse
// reads them.
//
// It knows nothing of Heroku: it is asked with addresses, types, names and paths.
package ignore
