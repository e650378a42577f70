//go:build !unix

package terraform

import "errors"

func updateProcess() int { return fail(errors.ErrUnsupported) }
