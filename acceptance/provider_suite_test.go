package acceptance

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/herokutf/herokutf/herokutest"
)

// Where the sources of the provider are, with their vendor folder.
const providerSources = "HEROKUTF_PROVIDER_SOURCES"

// What the provider's suite is told of the account that it runs with.
const (
	suiteSlug     = "51000000-0000-4000-8000-000000000001"
	suiteUser     = "0a000000-0000-4000-8000-000000000001"
	suitePipeline = "91000000-0000-4000-8000-000000000001"
)

var suiteEnv = []string{
	"TF_ACC=1", "CHECKPOINT_DISABLE=1", "HEROKU_API_KEY=" + token, "HEROKU_EMAIL=user@example.com",
	"HEROKU_ORGANIZATION=acme", "HEROKU_SPACES_ORGANIZATION=acme", "HEROKU_TEAM=acme",
	"HEROKU_TEST_USER=ann@example.com", "HEROKU_NON_ADMIN_TEST_USER=bob@example.com",
	"HEROKU_SLUG_ID=" + suiteSlug, "HEROKU_USER_ID=" + suiteUser, "HEROKU_PIPELINE_ID=" + suitePipeline,
}

// suiteSeed is the account: a team of an enterprise, a slug to release, and a
// pipeline.
func suiteSeed() herokutest.Seed {
	return herokutest.Seed{
		IDs: map[string]map[string]string{"user": {"user@example.com": suiteUser}},
		Teams: []herokutest.Team{{Name: "acme", Type: "enterprise", Members: []herokutest.Member{
			{Email: "user@example.com", Role: "admin"}, {Email: "ann@example.com", Role: "admin"}, {Email: "bob@example.com"}}}},
		Apps:      []herokutest.App{{Name: "slug-source", Releases: []herokutest.Release{{Slug: suiteSlug}}}},
		Pipelines: []herokutest.Pipeline{{Name: "review", ID: suitePipeline}},
	}
}

// fromElsewhere are tests that download an archive from a public host.
var fromElsewhere = regexp.MustCompile(`dial tcp: (lookup )?github\.com`)

// TestProviderSuite runs the acceptance tests of the provider itself against the
// fake Heroku, for whoever has its sources:
//
//	TF_ACC=1 HEROKUTF_PROVIDER_SOURCES=../../terraform-provider-heroku \
//		go test -v -timeout 60m -run TestProviderSuite ./acceptance
//
// Nothing is downloaded for it: the provider's sources bring what they are built
// from. Each test has a Heroku and files of its own. Most of their time they sleep.
func TestProviderSuite(t *testing.T) {
	sources := os.Getenv(providerSources)
	if os.Getenv("TF_ACC") == "" || sources == "" {
		t.Skip("runs the provider's own tests: TF_ACC=1 " + providerSources + "=DIR go test -timeout 60m -run TestProviderSuite ./acceptance")
	}
	terraform, err := exec.LookPath("terraform")
	if err != nil {
		t.Fatal(err)
	}
	suite := filepath.Join(t.TempDir(), "suite.test")
	build := exec.Command("go", "test", "-mod=vendor", "-c", "-o", suite, "./heroku")
	build.Dir, build.Env = sources, append(os.Environ(), "GOPROXY=off", "GOFLAGS=", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the provider's tests: %v\n%s", err, out)
	}
	names, err := exec.Command(suite, "-test.list", "^TestAcc").Output()
	if err != nil {
		t.Fatal(err)
	}
	var all, passed, elsewhere atomic.Int32
	t.Cleanup(func() {
		t.Logf("%d of %d passed; %d of the others need a public host", passed.Load(), all.Load(), elsewhere.Load())
	})
	turn := make(chan struct{}, 4*runtime.NumCPU())
	for name := range strings.FieldsSeq(string(names)) {
		if !strings.HasPrefix(name, "TestAcc") {
			continue
		}
		all.Add(1)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			turn <- struct{}{}
			defer func() { <-turn }()
			dir := t.TempDir()
			if err := os.CopyFS(filepath.Join(dir, "test-fixtures"), os.DirFS(filepath.Join(sources, "heroku", "test-fixtures"))); err != nil {
				t.Fatal(err)
			}
			// Some tests scale an app without waiting for its release.
			heroku := herokutest.New(herokutest.Options{Policy: herokutest.Policy{ScaleBeforeCode: true}})
			if err := heroku.Seed(suiteSeed()); err != nil {
				t.Fatal(err)
			}
			heroku.Start()
			defer heroku.Close()
			test := exec.Command(suite, "-test.v", "-test.run", "^"+name+"$")
			test.Dir = dir
			test.Env = append(os.Environ(), suiteEnv...)
			test.Env = append(test.Env, "HEROKU_API_URL="+heroku.URL, "TF_ACC_TERRAFORM_PATH="+terraform)
			out, err := test.CombinedOutput()
			switch {
			case err == nil && bytes.Contains(out, []byte("--- PASS: "+name)):
				passed.Add(1)
			case fromElsewhere.Match(out):
				elsewhere.Add(1)
				t.Skip("it needs a public host")
			case err == nil:
				t.Skipf("skipped:\n%s", out)
			default:
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
