package herokutest

// Deny makes objects forbidden to the token. A reference is the name or UUID
// of an app, team, space, pipeline or add-on of the server, or any name: then
// it belongs to another account, answers 403 and can't be taken. Denied objects
// don't show in lists, but the coupling of a denied app does.
func (s *Server) Deny(refs ...string) { s.deny(false, refs) }

// DenyAsError is Deny with the other spelling of the answer that Heroku has:
// the text comes under "error" instead of "message".
func (s *Server) DenyAsError(refs ...string) { s.deny(true, refs) }

func (s *Server) deny(asError bool, refs []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, ref := range refs {
		s.state.denied[s.idOf(ref)] = asError
	}
}

// Allow takes back Deny.
func (s *Server) Allow(refs ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, ref := range refs {
		delete(s.state.denied, s.idOf(ref))
	}
}

// idOf is the UUID of whatever bears the name, or the reference itself.
func (s *Server) idOf(ref string) string {
	if a := s.state.findApp(ref); a != nil {
		return a.ID
	}
	if t := s.state.findTeam(ref); t != nil {
		return t.ID
	}
	if x := s.state.findSpace(ref); x != nil {
		return x.ID
	}
	if p := s.state.findPipeline(ref); p != nil {
		return p.ID
	}
	if a := s.state.findAddon(ref); a != nil {
		return a.ID
	}
	return ref
}
