package herokutf

// IgnoreRules say which drift is not to be told.
type IgnoreRules struct{}
