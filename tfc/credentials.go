package tfc

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
)

// defaultHost is HCP Terraform's.
const defaultHost = "app.terraform.io"

// ErrNoToken: there is no token for the host.
var ErrNoToken = errors.New("no token for HCP Terraform")

// Options say where HCP Terraform is, and who asks. They print without the token.
type Options struct {
	// Address is that of the service, without a path. It has to be https, but
	// for addresses of this machine. Default: https://app.terraform.io.
	Address string
	// Token is a user's or a team's, with the right to manage the workspace's
	// variables. Required.
	Token string `json:"-"`
	// Transport sends the requests. Default: [http.DefaultTransport].
	Transport http.RoundTripper
}

// String says where the service is, without the token.
func (o Options) String() string { return fmt.Sprintf("HCP Terraform at %s", o.host()) }

// Format prints String, whatever the verb.
func (o Options) Format(f fmt.State, _ rune) { io.WriteString(f, o.String()) }

// base returns the address that paths are joined to.
func (o Options) base() (*url.URL, error) {
	address := o.Address
	if address == "" {
		address = "https://" + defaultHost
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || strings.Trim(u.Path, "/") != "" {
		return nil, errors.New("the address of HCP Terraform isn't one: it is https://HOST")
	}
	if u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())) {
		return nil, fmt.Errorf("the address of HCP Terraform has to begin with https://, so that the token is kept from others: it is %s://%s", u.Scheme, u.Host)
	}
	return u, nil
}

func loopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

func (o Options) host() string {
	if u, err := o.base(); err == nil {
		return u.Host
	}
	return "an address that isn't one"
}

// FromEnv finds the service and the token as Terraform's command does. getenv is
// usually [os.Getenv].
//
// The host is that of TFE_ADDRESS, else TF_CLOUD_HOSTNAME, else app.terraform.io. The
// token is that of TF_TOKEN_{host}, with _ for dots and __ for dashes; else of a
// credentials block of the CLI configuration, which TF_CLI_CONFIG_FILE names, else
// ~/.terraformrc; else of the credentials.tfrc.json that "terraform login" writes.
// Credentials helpers aren't asked.
//
// The error matches [ErrNoToken] if there is none.
func FromEnv(getenv func(string) string) (Options, error) {
	o := Options{Address: getenv("TFE_ADDRESS")}
	if host := getenv("TF_CLOUD_HOSTNAME"); o.Address == "" && host != "" {
		o.Address = "https://" + host
	}
	u, err := o.base()
	if err != nil {
		return Options{}, err
	}
	names := []string{strings.ReplaceAll(u.Hostname(), "-", "__"), u.Hostname()}
	for _, name := range names {
		if o.Token = getenv("TF_TOKEN_" + strings.ReplaceAll(name, ".", "_")); o.Token != "" {
			return o, nil
		}
	}
	config, logins := files(runtime.GOOS, getenv)
	for _, file := range []string{config, logins} {
		if o.Token, err = tokenOf(file, u.Host, u.Hostname()); err != nil {
			return Options{}, fmt.Errorf("look for the token of %s: %w", u.Host, err)
		}
		if o.Token != "" {
			return o, nil
		}
	}
	return Options{}, fmt.Errorf("%w: set TF_TOKEN_%s, or run terraform login %s", ErrNoToken, strings.ReplaceAll(names[0], ".", "_"), u.Host)
}

// files returns where Terraform keeps its CLI configuration and the tokens of
// "terraform login"; "" where that isn't known.
func files(goos string, getenv func(string) string) (config, logins string) {
	dir, name := getenv("HOME"), ".terraformrc"
	folder := ".terraform.d"
	if goos == "windows" {
		dir, name, folder = getenv("APPDATA"), "terraform.rc", "terraform.d"
	}
	if dir != "" {
		config, logins = filepath.Join(dir, name), filepath.Join(dir, folder, "credentials.tfrc.json")
	}
	for _, variable := range []string{"TERRAFORM_CONFIG", "TF_CLI_CONFIG_FILE"} {
		if file := getenv(variable); file != "" {
			config = file
		}
	}
	return config, logins
}

// tokenOf reads the token for one of hosts from a file of Terraform's; "" if it isn't
// there.
func tokenOf(file string, hosts ...string) (string, error) {
	data, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case err != nil:
		return "", err
	}
	if strings.HasSuffix(file, ".json") {
		var in struct {
			Credentials map[string]struct {
				Token string `json:"token"`
			} `json:"credentials"`
		}
		// What encoding/json says of it may quote a part of the token.
		if json.Unmarshal(data, &in) != nil {
			return "", fmt.Errorf("%s isn't JSON as Terraform writes it", file)
		}
		for _, host := range hosts {
			if token := in.Credentials[host].Token; token != "" {
				return token, nil
			}
		}
		return "", nil
	}
	parsed, diags := hclparse.NewParser().ParseHCL(data, file)
	if diags.HasErrors() {
		return "", fmt.Errorf("%s isn't a CLI configuration of Terraform's", file)
	}
	content, _, _ := parsed.Body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "credentials", LabelNames: []string{"host"}}}})
	for _, block := range content.Blocks {
		attrs, _ := block.Body.JustAttributes()
		for _, host := range hosts {
			if block.Labels[0] != host || attrs["token"] == nil {
				continue
			}
			var value, diags = attrs["token"].Expr.Value(nil)
			if !diags.HasErrors() && !value.IsNull() && value.Type().FriendlyName() == "string" {
				return value.AsString(), nil
			}
		}
	}
	return "", nil
}
