package herokutest

import (
	"cmp"
	"net/http"
	"strconv"
	"time"
)

// TestRun is a run of Heroku CI. It has one node, in the same condition.
type TestRun struct {
	ID            string    `json:"id,omitempty"`
	Number        int       `json:"number,omitempty"` // from 1; default: the next one
	Status        string    `json:"status,omitempty"` // default "succeeded"
	CommitBranch  string    `json:"commit_branch,omitempty"`
	CommitMessage string    `json:"commit_message,omitempty"`
	CommitSHA     string    `json:"commit_sha,omitempty"`
	Debug         bool      `json:"debug,omitempty"`
	Message       string    `json:"message,omitempty"`
	SourceURL     string    `json:"source_url,omitempty"`
	Actor         string    `json:"actor,omitempty"` // email; default: the token's account
	CreatedAt     time.Time `json:"created_at,omitzero"`
	UpdatedAt     time.Time `json:"updated_at,omitzero"`
}

var testRuns = children[*Pipeline, TestRun]{
	path: "/pipelines/{pipeline}/test-runs", kind: "test run",
	parent: (*call).pipeline,
	of:     func(p *Pipeline) *[]TestRun { return &p.TestRuns },
	is:     func(r *TestRun, ref string) bool { return r.ID == ref || strconv.Itoa(r.Number) == ref },
	fill:   (*Server).fillTestRun,
	wire:   (*Server).wireTestRun,
	fields: []field[*TestRun]{
		{name: "number", numeric: true, key: func(r *TestRun) string { return strconv.Itoa(r.Number) }},
		{name: "id", key: func(r *TestRun) string { return r.ID }},
	},
	updated: func(r *TestRun) time.Time { return r.UpdatedAt },
}

func (s *Server) fillTestRun(p *Pipeline, r *TestRun) error {
	if err := s.ident(&r.ID, "test-run", p.ID); err != nil {
		return err
	}
	if r.Number == 0 {
		last := 0
		for _, x := range p.TestRuns {
			last = max(last, x.Number)
		}
		r.Number = last + 1
	}
	s.date(&r.CreatedAt, &r.UpdatedAt)
	def(&r.Status, Succeeded)
	def(&r.Actor, s.who())
	def(&r.CommitBranch, "main")
	def(&r.SourceURL, "https://source.example.com/"+r.ID+".tgz")
	return oneOf("status of test run", r.Status,
		"pending", "cancelled", "creating", "building", "running", "succeeded", "failed", "errored", "debugging")
}

func (s *Server) wireTestRun(p *Pipeline, r *TestRun) obj {
	o := obj{
		"actor_email":     r.Actor,
		"app_setup":       nil,
		"clear_cache":     false,
		"commit_branch":   r.CommitBranch,
		"commit_message":  r.CommitMessage,
		"commit_sha":      r.CommitSHA,
		"created_at":      wireTime(r.CreatedAt),
		"debug":           r.Debug,
		"dyno":            nil,
		"id":              r.ID,
		"message":         orNull(r.Message),
		"number":          r.Number,
		"organization":    nil,
		"pipeline":        obj{"id": p.ID},
		"source_blob_url": r.SourceURL,
		"status":          r.Status,
		"updated_at":      wireTime(r.UpdatedAt),
		"user":            s.wireAccount(s.accountRef(r.Actor)),
		"warning_message": nil,
	}
	if t := s.state.findTeam(p.Team); p.Team != "" && t != nil {
		o["organization"] = obj{"name": t.Name}
	}
	return o
}

// wireTestNode is the one node of a test run.
func (s *Server) wireTestNode(p *Pipeline, r *TestRun) obj {
	o := obj{
		"created_at":        wireTime(r.CreatedAt),
		"dyno":              nil,
		"error_status":      nil,
		"exit_code":         nil,
		"id":                s.fixedID("test-node", r.ID),
		"index":             0,
		"message":           nil,
		"output_stream_url": "https://test-output.example.com/streams/" + r.ID,
		"pipeline":          obj{"id": p.ID},
		"setup_stream_url":  "https://test-output.example.com/setup/" + r.ID,
		"status":            r.Status,
		"test_run":          obj{"id": r.ID},
		"updated_at":        wireTime(r.UpdatedAt),
	}
	switch r.Status {
	case Succeeded:
		o["exit_code"] = 0
	case Failed:
		o["exit_code"] = 1
	}
	return o
}

// testRun returns the test run that {run} names.
func (c *call) testRun() (childOf[*Pipeline, TestRun], error) {
	for _, p := range c.state.pipelines {
		if r := findIn(p.TestRuns, func(r *TestRun) bool { return r.ID == c.args["run"] }); r != nil && !c.denied(p.ID) {
			return childOf[*Pipeline, TestRun]{p, r}, nil
		}
	}
	return childOf[*Pipeline, TestRun]{}, notFound(testRuns.kind)
}

func testRunRoutes() {
	testRuns.read()
	show := func(c *call, x childOf[*Pipeline, TestRun]) any { return testRuns.show(c, x) }
	get("/test-runs/{run}", (*call).testRun, show)
	list("/test-runs/{run}/test-nodes", (*call).testRun, func(c *call, x childOf[*Pipeline, TestRun]) listing[obj] {
		return objects([]obj{c.wireTestNode(x.parent, x.v)}, "id")
	})
	type body struct {
		Pipeline      ref    `json:"pipeline"`
		CommitBranch  string `json:"commit_branch"`
		CommitMessage string `json:"commit_message"`
		CommitSHA     string `json:"commit_sha"`
		Debug         bool   `json:"debug"`
		SourceBlobURL string `json:"source_blob_url"`
	}
	// A run is over at once, as a build is, unless somebody wants to debug it.
	write("POST /test-runs", http.StatusCreated, (*call).account, func(c *call, _ *state, in body) (any, error) {
		p, err := c.pipelineID(string(in.Pipeline))
		if err != nil {
			return nil, err
		}
		r := TestRun{CommitBranch: in.CommitBranch, CommitMessage: in.CommitMessage, CommitSHA: in.CommitSHA,
			Debug: in.Debug, SourceURL: in.SourceBlobURL}
		if in.Debug {
			r.Status = "debugging"
		}
		if r, err = testRuns.add(c.Server, p, r); err != nil {
			return nil, err
		}
		return c.wireTestRun(p, &r), nil
	})
	type change struct {
		Status  string `json:"status"`
		Message string `json:"message"`
	}
	write("PATCH /test-runs/{run}", http.StatusOK, (*call).testRun, func(c *call, x childOf[*Pipeline, TestRun], in change) (any, error) {
		next := *x.v
		next.Status, next.Message, next.UpdatedAt = cmp.Or(in.Status, next.Status), cmp.Or(in.Message, next.Message), c.stamp()
		if err := c.fillTestRun(x.parent, &next); err != nil {
			return nil, err
		}
		*x.v = next
		return testRuns.show(c, x), nil
	})
}
