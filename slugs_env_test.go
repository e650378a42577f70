package herokutf

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/herokutf/herokutf/herokutest"
	"github.com/herokutf/herokutf/internal/leaktest"
	"github.com/herokutf/herokutf/internal/provider"
	"github.com/herokutf/herokutf/platform"
)

// envSecret stands in for a token that a prefix catches.
const envSecret = "HRKU-sesame-0123456789"

const (
	uuidA = "aaaaaaaa-0000-4000-8000-000000000001"
	uuidB = "bbbbbbbb-0000-4000-8000-000000000002"
)

func TestPipelinesFromEnv(t *testing.T) {
	tests := []struct {
		name    string
		environ []string
		prefix  string
		fold    bool
		want    []Pipeline
	}{
		{
			name:    "ids and names, sorted, the rest of the environment left alone",
			environ: []string{"PATH=/bin", "BUILD_PIPELINE_WEB_UI=web-ui", "BUILD_PIPELINE_API=" + uuidA, "XBUILD_PIPELINE_NO=no", "BUILD_PIPELINE=no"},
			want:    []Pipeline{{"api", uuidA}, {"web_ui", "web-ui"}},
		},
		{
			name:    "a UUID in capitals is the same UUID",
			environ: []string{"BUILD_PIPELINE_API=" + strings.ToUpper(uuidA)},
			want:    []Pipeline{{"api", uuidA}},
		},
		{
			name: "white space around values, and pages of the dashboard",
			environ: []string{"BUILD_PIPELINE_A= " + uuidA + "\r\n", "BUILD_PIPELINE_B=\tweb-ui ", "BUILD_PIPELINE_C=https://dashboard.heroku.com/pipelines/" + strings.ToUpper(uuidB),
				"BUILD_PIPELINE_D=https://dashboard.heroku.com/pipelines/" + uuidB + "/tests?x=1#y"},
			want: []Pipeline{{"a", uuidA}, {"b", "web-ui"}, {"c", uuidB}, {"d", uuidB}},
		},
		{
			name:    "the later duplicate counts, even if the earlier was wrong",
			environ: []string{"BUILD_PIPELINE_API=?", "BUILD_PIPELINE_API=" + uuidB},
			want:    []Pipeline{{"api", uuidB}},
		},
		{
			name:    "BUILD_PIPELINE_VAR_PREFIX changes the prefix",
			environ: []string{"BUILD_PIPELINE_VAR_PREFIX=PL_", "PL_API=api", "BUILD_PIPELINE_OTHER=other"},
			want:    []Pipeline{{"api", "api"}},
		},
		{
			name:    "BUILD_PIPELINE_VAR_PREFIX is no pipeline when empty",
			environ: []string{"BUILD_PIPELINE_VAR_PREFIX=", "BUILD_PIPELINE_API=api"},
			want:    []Pipeline{{"api", "api"}},
		},
		{
			name:    "BUILD_PIPELINE_VAR_PREFIX is no pipeline under its own prefix",
			environ: []string{"BUILD_PIPELINE_VAR_PREFIX=BUILD_", "BUILD_API=api"},
			want:    []Pipeline{{"api", "api"}},
		},
		{
			name:    "the argument goes before BUILD_PIPELINE_VAR_PREFIX",
			environ: []string{"BUILD_PIPELINE_VAR_PREFIX=PL_", "PL_API=api", "BUILD_PIPELINE_OTHER=other"},
			prefix:  "BUILD_PIPELINE_",
			want:    []Pipeline{{"other", "other"}},
		},
		{
			name:    "the same pipeline under two names",
			environ: []string{"BUILD_PIPELINE_A=" + uuidA, "BUILD_PIPELINE_B=" + uuidA},
			want:    []Pipeline{{"a", uuidA}, {"b", uuidA}},
		},
		{
			name:    "Windows: keys have no case",
			environ: []string{`=C:=C:\x`, "build_pipeline_api=one", "Build_Pipeline_API=two", "Build_Pipeline_Var_Prefix=build_PIPELINE_"},
			fold:    true,
			want:    []Pipeline{{"api", "two"}},
		},
		{
			name:    "elsewhere keys have a case",
			environ: []string{"build_pipeline_x=one", "BUILD_PIPELINE_API=two"},
			want:    []Pipeline{{"api", "two"}},
		},
		{
			name:    "entries that are none",
			environ: []string{"", "=", "=x", "BUILD_PIPELINE_NOTHING", "BUILD_PIPELINE__X1=x-1"},
			want:    []Pipeline{{"_x1", "x-1"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := pipelinesFromEnv(tt.environ, tt.prefix, tt.fold)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestPipelinesFromEnvFaults(t *testing.T) {
	type fault struct {
		variables string
		err       error
	}
	tests := []struct {
		name    string
		environ []string
		prefix  string
		fold    bool
		want    []fault
	}{
		{"nothing set", []string{"PATH=/bin"}, "", false, []fault{{"BUILD_PIPELINE_{NAME}", ErrNoPipelines}}},
		{"only the prefix variable", []string{"BUILD_PIPELINE_VAR_PREFIX=P_"}, "", false, []fault{{"P_{NAME}", ErrNoPipelines}}},
		{"an empty value", []string{"BUILD_PIPELINE_API="}, "", false, []fault{{"BUILD_PIPELINE_API", ErrPipelineRef}}},
		{"a later empty value", []string{"BUILD_PIPELINE_API=api", "BUILD_PIPELINE_API="}, "", false, []fault{{"BUILD_PIPELINE_API", ErrPipelineRef}}},
		{"no name", []string{"BUILD_PIPELINE_=api"}, "", false, []fault{{"BUILD_PIPELINE_", ErrPipelineName}}},
		{"white space alone", []string{"BUILD_PIPELINE_API= \n"}, "", false, []fault{{"BUILD_PIPELINE_API", ErrPipelineRef}}},
		{"white space within", []string{"BUILD_PIPELINE_API=a b"}, "", false, []fault{{"BUILD_PIPELINE_API", ErrPipelineRef}}},
		{"quotes", []string{`BUILD_PIPELINE_API="` + uuidA + `"`, `BUILD_PIPELINE_B='web-ui'`}, "", false,
			[]fault{{"BUILD_PIPELINE_API", ErrPipelineRef}, {"BUILD_PIPELINE_B", ErrPipelineRef}}},
		{"another page of the dashboard", []string{"BUILD_PIPELINE_API=https://dashboard.heroku.com/apps/web-ui"}, "", false, []fault{{"BUILD_PIPELINE_API", ErrPipelineRef}}},
		{"a page of another site", []string{"BUILD_PIPELINE_API=https://dashboard.example.com/pipelines/" + uuidA}, "", false, []fault{{"BUILD_PIPELINE_API", ErrPipelineRef}}},
		{"a path", []string{"BUILD_PIPELINE_API=../apps"}, "", false, []fault{{"BUILD_PIPELINE_API", ErrPipelineRef}}},
		{"a name in capitals", []string{"BUILD_PIPELINE_API=Api"}, "", false, []fault{{"BUILD_PIPELINE_API", ErrPipelineRef}}},
		{"almost a UUID", []string{"BUILD_PIPELINE_API=" + uuidA + "1"}, "", false, []fault{{"BUILD_PIPELINE_API", ErrPipelineRef}}},
		{"names that fall together", []string{"BUILD_PIPELINE_api=api", "BUILD_PIPELINE_API=api"}, "", false,
			[]fault{{"BUILD_PIPELINE_API and BUILD_PIPELINE_api", ErrPipelineClash}}},
		{
			"all at once, sorted",
			[]string{"BUILD_PIPELINE_WEB-UI=web", "BUILD_PIPELINE_9=nine-9", "BUILD_PIPELINE_É=ete", "BUILD_PIPELINE_Z=", "BUILD_PIPELINE_OK=fine", "BUILD_PIPELINE_A.B=?", "BUILD_PIPELINE_ok=fine"},
			"", false,
			[]fault{
				{"BUILD_PIPELINE_9", ErrPipelineName},
				{"BUILD_PIPELINE_A.B", ErrPipelineName},
				{"BUILD_PIPELINE_A.B", ErrPipelineRef},
				{"BUILD_PIPELINE_OK and BUILD_PIPELINE_ok", ErrPipelineClash},
				{"BUILD_PIPELINE_WEB-UI", ErrPipelineName},
				{"BUILD_PIPELINE_Z", ErrPipelineRef},
				{"BUILD_PIPELINE_É", ErrPipelineName},
			},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var text string
			for range 20 { // maps and the order of the environment must not show
				environ := slices.Clone(tt.environ)
				if tt.name == "all at once, sorted" {
					rand.Shuffle(len(environ), func(i, j int) { environ[i], environ[j] = environ[j], environ[i] })
				}
				got, err := pipelinesFromEnv(environ, tt.prefix, tt.fold)
				if got != nil {
					t.Errorf("got pipelines %v with an error", got)
				}
				list, ok := errors.AsType[*slugErrors](err)
				if !ok || len(list.problems) != len(tt.want) {
					t.Fatalf("got error %v, want %v", err, tt.want)
				}
				for i, p := range list.problems {
					want := tt.want[i]
					if got := strings.Join(p.Variables, " and "); got != want.variables || !errors.Is(p, want.err) || p.Hint == "" {
						t.Errorf("problem %d: got %v (hint %q), want %v", i, p, p.Hint, want)
					}
					if !errors.Is(err, want.err) {
						t.Errorf("errors.Is doesn't find %q", want.err)
					}
				}
				if text != "" && text != err.Error() {
					t.Errorf("two texts for the same faults:\n%s\n%s", text, err)
				}
				text = err.Error()
			}
		})
	}
}

// TestPipelineFaultsHideValues: a prefix that is too short catches variables
// with secrets.
func TestPipelineFaultsHideValues(t *testing.T) {
	_, err := PipelinesFromEnv([]string{"HEROKU_API_KEY=" + envSecret, "HEROKU_X.Y=" + envSecret, "HEROKU_NONE="}, "HEROKU_")
	list, ok := errors.AsType[*slugErrors](err)
	if !ok {
		t.Fatalf("got error %v, want a list of problems", err)
	}
	for _, text := range leaktest.Dumps(list) {
		if strings.Contains(text, envSecret) {
			t.Errorf("PipelinesFromEnv shows the token: %s", text)
		}
	}
	for _, want := range []string{"HEROKU_API_KEY: the value is neither", "HEROKU_NONE: the value is empty"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("got %q, which lacks %q", err, want)
		}
	}

	_, err = ResolveSlugs(t.Context(), nil, []Pipeline{{"api_key", envSecret}}, SlugOptions{})
	if err == nil || !strings.Contains(err.Error(), `pipeline "api_key": the value is neither`) {
		t.Fatalf("got error %v", err)
	}
	for _, text := range leaktest.Dumps(err) {
		if strings.Contains(text, envSecret) {
			t.Errorf("ResolveSlugs shows the token: %s", text)
		}
	}
}

func TestValidNames(t *testing.T) {
	tests := []struct {
		in                  string
		uuid, app, pipeline bool
	}{
		{"01234567-89ab-cdef-0123-456789abcdef", true, false, false},
		{"01234567-89AB-CDEF-0123-456789ABCDEF", true, false, false},
		{"a1234567-89ab-cdef-0123-456789abcdef", true, false, false},
		{"01234567-89ab-cdef-0123-456789abcde", false, false, false},
		{"01234567-89ab-cdef-0123-456789abcdeg", false, false, false},
		{"0123456789abcdef0123456789abcdef0123", false, false, false},
		{"{1234567-89ab-cdef-0123-456789abcdef", false, false, false},
		{"", false, false, false},
		{"ab", false, false, false},
		{"abc", false, true, true},
		{"a-1", false, true, true},
		{"a1-", false, false, true},
		{"1abc", false, false, false},
		{"-abc", false, false, false},
		{"Abc", false, false, false},
		{"a_bc", false, false, false},
		{"a.bc", false, false, false},
		{"a/bc", false, false, false},
		{"abc\n", false, false, false},
		{"äbc", false, false, false},
		{"a23456789012345678901234567890", false, true, true},
		{"a234567890123456789012345678901", false, false, false},
	}
	for _, tt := range tests {
		if got := provider.IsUUID(tt.in); got != tt.uuid {
			t.Errorf("provider.IsUUID(%q): got %v", tt.in, got)
		}
		if got := provider.IsAppName(tt.in); got != tt.app {
			t.Errorf("provider.IsAppName(%q): got %v", tt.in, got)
		}
		if got := pipelineName.MatchString(tt.in); got != tt.pipeline {
			t.Errorf("pipelineName, %q: got %v", tt.in, got)
		}
		if err := checkApp(tt.in); (err == nil) != (tt.uuid || tt.app) || err != nil && !errors.Is(err, platform.ErrInvalidName) {
			t.Errorf("checkApp(%q): got %v", tt.in, err)
		}
	}
}

// TestPipelineIsNoToken: a token in the place of a pipeline is refused without a
// request, and shown nowhere. Tokens were UUIDs once.
func TestPipelineIsNoToken(t *testing.T) {
	s := herokutest.NewServer()
	defer s.Close()
	const token = "5b3ae9c0-1111-4000-8000-00000000dead"
	c, err := platform.New(platform.Options{BaseURL: s.URL, Token: token})
	if err != nil {
		t.Fatal(err)
	}
	_, err = ResolveSlugs(t.Context(), c, []Pipeline{{"api", token}, {"web", uuidA}}, SlugOptions{KeepGoing: true})
	if !errors.Is(err, ErrPipelineRef) || !errors.Is(err, platform.ErrInvalidName) || !strings.Contains(err.Error(), "is an API token") {
		t.Errorf("got %v, want ErrPipelineRef", err)
	}
	for _, text := range leaktest.Dumps(err) {
		if strings.Contains(text, token) {
			t.Errorf("the token is shown: %s", text)
		}
	}
	if n := len(s.Log()); n > 0 {
		t.Errorf("%d requests were sent", n)
	}
}

// TestIsQuoted: quotes are a pair of the same around a value, which may be empty.
func TestIsQuoted(t *testing.T) {
	for value, want := range map[string]bool{
		`"web"`: true, "'web'": true, "`web`": true, `""`: true, "''": true,
		"": false, `"`: false, "'": false, "`": false, "web": false, `"web`: false, `web"`: false, `"web'`: false, "wow": false, "(web)": false,
	} {
		if got := isQuoted(value); got != want {
			t.Errorf("%q: in quotes %t", value, got)
		}
	}
}
