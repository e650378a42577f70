package main

import "context"

func (a *adopting) let(ctx context.Context) error { return nil }
