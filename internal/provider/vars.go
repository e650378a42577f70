package provider

// ConfigVars reports whether the attribute is a map of config vars, of an app or of a
// pipeline, by their names, that is compared.
func (a *Attr) ConfigVars() bool { return a.As == ManagedKeys }
