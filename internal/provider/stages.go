package provider

import "slices"

// Stages returns the stages that a pipeline can have, in the order in which code
// goes through them. Source: pipeline-coupling.stage in the Platform API's
// schema.
func Stages() []string {
	return []string{"test", "review", "development", "staging", "production"}
}

// IsStage reports whether a pipeline can have the stage.
func IsStage(s string) bool { return slices.Contains(Stages(), s) }
