package ignore_test

import (
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/herokutf/herokutf"
	"github.com/herokutf/herokutf/ignore"
	"github.com/herokutf/herokutf/statefile"
)

func ExampleParse() {
	rules, err := ignore.Parse("drift.hcl", []byte(`
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

func ExampleParse_faults() {
	_, err := ignore.Parse("drift.hcl", []byte(`
ignore {
  address = var.formation
  verdict = "chnaged"
  because = "autoscaled"
}
`))
	fmt.Println(err)
	if e, ok := errors.AsType[*ignore.Error](err); ok {
		fmt.Println(len(e.Faults), "faults")
	}
	// Output:
	// drift.hcl:2:1: the rule gives no reason
	// drift.hcl:3:13: address has to be a text in quotes, without variables and functions
	// drift.hcl:4:13: unknown verdict "chnaged"
	// drift.hcl:5:3: unknown argument "because"
	// 4 faults
}

func ExampleRules_Add() {
	var rules ignore.Rules
	err := rules.Add(ignore.Rule{
		Type:     "heroku_domain",
		App:      "shop-*",
		Verdicts: []string{"unmanaged"},
		Reason:   "customers bring their own domains",
	})
	if err != nil {
		log.Fatal(err)
	}
	opts := herokutf.DriftOptions{Unmanaged: true, Ignore: &rules}
	fmt.Println(opts.Ignore.Rules()[0])
	// Output: type heroku_domain, app shop-*, verdict unmanaged
}

func ExampleRules_AddLifecycle() {
	var rules ignore.Rules
	// Usually from IgnoreChanges of a configuration that package tfconfig has
	// loaded.
	rules.AddLifecycle(map[string][]statefile.Path{"heroku_formation.web": {{"quantity"}}})
	for _, rule := range rules.Rules() {
		fmt.Printf("%v (%s)\n", rule, rule.Reason)
	}
	// Output: address heroku_formation.web, attribute quantity (lifecycle.ignore_changes)
}

func ExampleRules_Matcher() {
	rules, err := ignore.Parse("drift.hcl", []byte(`
ignore {
  type   = "heroku_domain"
  reason = "customers bring their own domains"
}
ignore {
  address   = "heroku_formation.*"
  attribute = "quantity"
  reason    = "autoscaled"
}
`))
	if err != nil {
		log.Fatal(err)
	}
	m := rules.Matcher(time.Now())
	domain := ignore.Subject{Type: "heroku_domain", App: "shop", Label: "www.example.com", Verdict: "unmanaged"}
	fmt.Println(m.Object(domain).Reason)
	web := ignore.Subject{Address: "heroku_formation.web", Type: "heroku_formation", Verdict: "changed"}
	fmt.Println(m.Difference(web, statefile.Path{"quantity"}, 1, 2).Reason)
	fmt.Println(m.Difference(web, statefile.Path{"size"}, "basic", "eco"))
	fmt.Println(m.Notes(false, true), ignore.Verdicts())
	// Output:
	// customers bring their own domains
	// autoscaled
	// <nil>
	// [] [changed missing renamed replaced unmanaged undetermined]
}

func ExampleBaseline() {
	found := []ignore.Found{{
		Subject: ignore.Subject{Address: `heroku_formation.web["eu"]`, Type: "heroku_formation", ID: "01234567", Verdict: "changed"},
		Paths:   []statefile.Path{{"quantity"}},
	}}
	rules := ignore.Baseline(found, "here before us", time.Date(2027, 4, 1, 0, 0, 0, 0, time.UTC))
	if err := ignore.Write(os.Stdout, "", rules); err != nil {
		log.Fatal(err)
	}
	// Output:
	// ignore {
	//   address   = "heroku_formation.web[\"eu\"]"
	//   id        = "01234567"
	//   attribute = "quantity"
	//   verdict   = "changed"
	//   reason    = "here before us"
	//   expires   = "2027-03-31"
	// }
}

func ExampleWrite() {
	err := ignore.Write(os.Stdout, "Rules of the shop.", []ignore.Rule{{Type: "heroku_domain", App: "shop-*", Reason: "customers bring their own domains"}})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// # Rules of the shop.
	//
	// ignore {
	//   type   = "heroku_domain"
	//   app    = "shop-*"
	//   reason = "customers bring their own domains"
	// }
}
