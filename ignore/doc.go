// Package ignore holds the rules for drift that is not to be reported: [Parse]
// reads them from HCL or JSON, a [Matcher] holds the objects of a comparison
// against them and keeps account of the rules that have expired or are of no use.
//
//	rules, err := ignore.Parse("drift-ignore.hcl", data)
//	...
//	report, err := herokutf.DetectDrift(ctx, client, f, herokutf.DriftOptions{Ignore: rules})
//
// It knows nothing of Heroku: it is asked with addresses, types, names and paths.
package ignore
