package platform

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
	"unicode"
)

const (
	loginFile    = "login.json"    // in the CLI's folder for data
	storeService = "heroku-cli"    // the name under which the Heroku CLI keeps its tokens
	storeTime    = 5 * time.Second // how long the store's program may take
	maxLogin     = 64 << 10        // bytes that login.json may have
	maxAccount   = 320             // bytes of an email address
	maxStored    = 16 << 10        // bytes that the program may print

	// storeAccount is the environment variable that hands the account to
	// PowerShell: there it needs no quoting.
	storeAccount = "HEROKUTF_STORE_ACCOUNT"
)

// stored asks the system's own store for the token of the account that is
// signed in. Whatever goes wrong is a note. insist: ask for any host.
func (f *finder) stored(host string, insist bool) foundToken {
	account, ok := f.signedIn()
	if !ok {
		if insist && len(f.looked) == 0 {
			f.looked = append(f.looked, filepath.Join(f.dataDir(), loginFile))
		}
		return foundToken{}
	}
	p := storeProgramOf(f.goos, account)
	place := p.title + " (" + storeService + ", " + account + ")"
	f.looked = append(f.looked, place)
	if !strings.HasSuffix("."+host, ".heroku.com") && !isLoopback(host) && !insist {
		f.note("%s wasn't asked: its token is for Heroku, and the address is %s", place, host)
		return foundToken{}
	}
	token, err := p.run(storeTime)
	switch {
	case err != nil:
		f.note("%s gave no token: %v", place, err)
		return foundToken{}
	case token == "":
		f.note("%s gave no token", place)
		return foundToken{}
	case strings.ContainsFunc(token, notInHeader) || len(token) >= maxStored:
		f.note("what %s gave is no token", place)
		return foundToken{}
	}
	return foundToken{token: token, from: Credentials{Source: FromStore, Place: place}}
}

// signedIn returns the account of which the Heroku CLI says that it is signed
// in. False if there is none: then the CLI looks into no store either.
func (f *finder) signedIn() (string, bool) {
	dir := f.dataDir()
	if dir == "" {
		return "", false
	}
	path := filepath.Join(dir, loginFile)
	data, err := readSmall(path, maxLogin)
	if errors.Is(err, fs.ErrNotExist) {
		return "", false
	}
	var login struct {
		Account string `json:"account"`
	}
	if err == nil && json.Unmarshal(data, &login) != nil {
		err = errors.New("it isn't JSON with an account")
	}
	if err != nil {
		f.looked = append(f.looked, path)
		f.note("%s can't be read: %v", path, err)
		return "", false
	}
	// What would be an option of the program isn't an account.
	unfit := func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }
	if a := login.Account; a == "" || len(a) > maxAccount || strings.HasPrefix(a, "-") || strings.ContainsFunc(a, unfit) {
		f.looked = append(f.looked, path)
		f.note("%s names no account", path)
		return "", false
	}
	return login.Account, true
}

// dataDir is the Heroku CLI's folder for data; "" if there is no home
// directory. oclif takes XDG_DATA_HOME on every system.
func (f *finder) dataDir() string {
	if dir := f.getenv("HEROKU_DATA_DIR"); dir != "" {
		return dir
	}
	if dir := f.getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "heroku")
	}
	if f.goos == "windows" {
		if dir := f.getenv("LOCALAPPDATA"); dir != "" {
			return filepath.Join(dir, "heroku")
		}
	}
	if home := f.home(); home != "" {
		return filepath.Join(home, ".local", "share", "heroku")
	}
	return ""
}

// A storeProgram is what prints a token out of a system's store.
type storeProgram struct {
	title string // the store's name for people
	name  string
	args  []string
	env   []string // besides this process's own
}

// retrieve is a script for Windows PowerShell; PowerShell 7 can't reach the
// vault. The CLI keeps its token among the web credentials, not the generic
// ones.
const retrieve = `$ErrorActionPreference = 'Stop'
[void][Windows.Security.Credentials.PasswordVault,Windows.Security.Credentials,ContentType=WindowsRuntime]
$vault = New-Object Windows.Security.Credentials.PasswordVault
$credential = $vault.Retrieve('` + storeService + `', $env:` + storeAccount + `)
$credential.RetrievePassword()
[Console]::Out.Write($credential.Password)`

// storeProgramOf returns the program of a system, with the arguments that the
// Heroku CLI gives it.
func storeProgramOf(goos, account string) storeProgram {
	switch goos {
	case "darwin":
		return storeProgram{
			title: "the macOS keychain",
			name:  "security",
			args:  []string{"find-generic-password", "-a", account, "-s", storeService, "-w"},
		}
	case "windows":
		return storeProgram{
			title: "the Windows credential manager",
			name:  "powershell.exe",
			args:  []string{"-NoLogo", "-NoProfile", "-NonInteractive", "-Command", retrieve},
			env:   []string{storeAccount + "=" + account},
		}
	}
	return storeProgram{
		title: "the keyring",
		name:  "secret-tool",
		args:  []string{"lookup", "service", storeService, "account", account},
	}
}

// run returns what the program prints, without white space around it. Errors
// don't show it, nor what the program says of itself.
func (p storeProgram) run(limit time.Duration) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	var out limitedBuffer
	cmd := exec.CommandContext(ctx, p.name, p.args...)
	cmd.Env = append(os.Environ(), p.env...)
	cmd.Stdout = &out
	// What it has started may hold the pipe open when it is gone itself.
	cmd.WaitDelay = 100 * time.Millisecond
	hideWindow(cmd)
	err := cmd.Run()
	if ctx.Err() != nil {
		return "", errors.New(p.name + " took more than " + limit.String() + "; it may be waiting for a password")
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return "", errors.New(p.name + ": " + exit.ProcessState.String())
	}
	if errors.Is(err, exec.ErrNotFound) {
		return "", errors.New(p.name + " is not on the path")
	}
	if err != nil {
		return "", errors.New(p.name + " can't be run")
	}
	return strings.TrimSpace(out.kept.String()), nil
}

// A limitedBuffer keeps the first maxStored bytes, and drops the rest without
// an error: a longer text is no token anyway. The buffer isn't embedded: by its
// ReadFrom, all that a program prints would be kept.
type limitedBuffer struct{ kept bytes.Buffer }

func (b *limitedBuffer) Write(p []byte) (int, error) {
	b.kept.Write(p[:min(len(p), maxStored-b.kept.Len())])
	return len(p), nil
}
