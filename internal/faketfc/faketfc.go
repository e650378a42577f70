// Package faketfc is the part of HCP Terraform's API that package tfc uses, for tests:
// one workspace and its variables.
package faketfc

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// A Variable is one of the workspace.
type Variable struct {
	Key         string `json:"key"`
	Value       string `json:"value"`
	Description string `json:"description"`
	Category    string `json:"category"`
	HCL         bool   `json:"hcl"`
	Sensitive   bool   `json:"sensitive"`
}

// A Server answers for one workspace. Its fields are set before it is used.
type Server struct {
	Token     string // what has to come with a request
	Workspace string // ORGANIZATION/NAME
	PageSize  int    // of the list of variables; 0: all on one
	// Fail answers a request in the place of the server if it returns a status.
	Fail func(method, path string) int

	mu        sync.Mutex
	next      int
	variables map[string]Variable // by id
	log       []string
}

// Set adds a variable, as somebody would by hand.
func (s *Server) Set(v Variable) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.set("", v)
}

func (s *Server) set(id string, v Variable) string {
	if s.variables == nil {
		s.variables = make(map[string]Variable)
	}
	if id == "" {
		s.next++
		id = fmt.Sprintf("var-%016d", s.next)
	}
	s.variables[id] = v
	return id
}

// Variables returns those of the workspace, by key.
func (s *Server) Variables() []Variable {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Variable
	for _, v := range s.variables {
		all = append(all, v)
	}
	slices.SortFunc(all, func(a, b Variable) int {
		return cmp.Or(cmp.Compare(a.Key, b.Key), cmp.Compare(a.Category, b.Category))
	})
	return all
}

// Log returns the requests that have come in, as METHOD PATH, and forgets them.
func (s *Server) Log() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	log := s.log
	s.log = nil
	return log
}

const workspaceID = "ws-SihZTyXKfNXUWuUa"

type object map[string]any

func wire(id string, v Variable) object {
	attributes := object{"key": v.Key, "value": v.Value, "description": v.Description, "category": v.Category, "hcl": v.HCL, "sensitive": v.Sensitive}
	if v.Sensitive {
		attributes["value"] = nil
	}
	return object{"id": id, "type": "vars", "attributes": attributes}
}

// ServeHTTP answers as the API's documentation has it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, r.Method+" "+r.URL.Path)
	w.Header().Set("Content-Type", "application/vnd.api+json")
	if s.Fail != nil {
		if status := s.Fail(r.Method, r.URL.Path); status != 0 {
			refuse(w, status, "injected")
			return
		}
	}
	if r.Header.Get("Authorization") != "Bearer "+s.Token {
		refuse(w, http.StatusUnauthorized, "unauthorized")
		return
	}
	if r.Header.Get("Content-Type") != "application/vnd.api+json" {
		refuse(w, http.StatusUnsupportedMediaType, "the content type isn't JSON:API's")
		return
	}
	organization, name, _ := strings.Cut(s.Workspace, "/")
	vars := "/api/v2/workspaces/" + workspaceID + "/vars"
	switch path := r.URL.Path; {
	case r.Method == http.MethodGet && path == "/api/v2/organizations/"+organization+"/workspaces/"+name:
		answer(w, http.StatusOK, object{"data": object{"id": workspaceID, "type": "workspaces", "attributes": object{"name": name}}})
	case r.Method == http.MethodGet && path == vars:
		s.list(w, r)
	case r.Method == http.MethodPost && path == vars:
		s.write(w, r, "")
	case strings.HasPrefix(path, vars+"/"):
		id := strings.TrimPrefix(path, vars+"/")
		_, ok := s.variables[id]
		switch {
		case !ok:
			refuse(w, http.StatusNotFound, "not found")
		case r.Method == http.MethodPatch:
			s.write(w, r, id)
		case r.Method == http.MethodDelete:
			delete(s.variables, id)
			w.WriteHeader(http.StatusNoContent)
		default:
			refuse(w, http.StatusMethodNotAllowed, "")
		}
	default:
		refuse(w, http.StatusNotFound, "not found")
	}
}

func (s *Server) list(w http.ResponseWriter, r *http.Request) {
	var ids []string
	for id := range s.variables {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	page, size := 1, cmp.Or(s.PageSize, max(1, len(ids)))
	fmt.Sscan(r.URL.Query().Get("page[number]"), &page)
	data := []object{}
	for i, id := range ids {
		if i/size == page-1 {
			data = append(data, wire(id, s.variables[id]))
		}
	}
	out := object{"data": data}
	if page*size < len(ids) {
		out["meta"] = object{"pagination": object{"current-page": page, "next-page": page + 1}}
	}
	answer(w, http.StatusOK, out)
}

// write creates a variable, or changes the one with the id.
func (s *Server) write(w http.ResponseWriter, r *http.Request, id string) {
	var in struct {
		Data struct {
			ID         string   `json:"id"`
			Type       string   `json:"type"`
			Attributes Variable `json:"attributes"`
		} `json:"data"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || in.Data.Type != "vars" || in.Data.ID != id {
		refuse(w, http.StatusUnprocessableEntity, "not a variable")
		return
	}
	v := in.Data.Attributes
	for other, x := range s.variables {
		if other != id && x.Key == v.Key && x.Category == v.Category {
			refuse(w, http.StatusUnprocessableEntity, "Key has already been taken")
			return
		}
	}
	status := http.StatusOK
	if id == "" {
		status = http.StatusCreated
	}
	id = s.set(id, v)
	answer(w, status, object{"data": wire(id, v)})
}

func refuse(w http.ResponseWriter, status int, detail string) {
	answer(w, status, object{"errors": []object{{"status": fmt.Sprint(status), "title": strings.ToLower(http.StatusText(status)), "detail": detail}}})
}

func answer(w http.ResponseWriter, status int, body any) {
	w.WriteHeader(status)
	// What can't be written any more, nobody waits for.
	_ = json.NewEncoder(w).Encode(body)
}
