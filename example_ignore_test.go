package herokutf_test

import (
	"errors"
	"fmt"
	"log"

	"github.com/herokutf/herokutf"
)

func ExampleParseIgnoreRules() {
	rules, err := herokutf.ParseIgnoreRules("drift.hcl", []byte(`
ignore {
  address   = "heroku_formation.*"
  attribute = "quantity"
  reason    = "autoscaled"
  expires   = "2027-03-31"
}
`))
	if err != nil {
		log.Fatal(err)
	}
	for _, rule := range rules.Rules() {
		fmt.Printf("%s: %v (%s), until %v\n", rule.Origin, rule, rule.Reason, rule.Expires)
	}
	// Output:
	// drift.hcl:2: address heroku_formation.*, attribute quantity (autoscaled), until 2027-04-01 00:00:00 +0000 UTC
}

func ExampleParseIgnoreRules_faults() {
	_, err := herokutf.ParseIgnoreRules("drift.hcl", []byte(`
ignore {
  address = var.formation
  verdict = "chnaged"
  because = "autoscaled"
}
`))
	fmt.Println(err)
	if e, ok := errors.AsType[*herokutf.IgnoreError](err); ok {
		fmt.Println(len(e.Faults), "faults")
	}
	// Output:
	// drift.hcl:2:1: the rule gives no reason
	// drift.hcl:3:13: address has to be a text in quotes, without variables and functions
	// drift.hcl:4:13: unknown verdict "chnaged"
	// drift.hcl:5:3: unknown argument "because"
	// 4 faults
}

func ExampleIgnoreRules_Add() {
	var rules herokutf.IgnoreRules
	err := rules.Add(herokutf.IgnoreRule{
		Type:     "heroku_domain",
		App:      "shop-*",
		Verdicts: []herokutf.Verdict{herokutf.Unmanaged},
		Reason:   "customers bring their own domains",
	})
	if err != nil {
		log.Fatal(err)
	}
	opts := herokutf.DriftOptions{Unmanaged: true, Ignore: &rules}
	fmt.Println(opts.Ignore.Rules()[0])
	// Output: type heroku_domain, app shop-*, verdict unmanaged
}
