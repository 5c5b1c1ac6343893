package azure

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
)

// tokenWait is how long a token is waited for: where no machine has an identity nobody answers.
const tokenWait = 10 * time.Second

const (
	machine    = "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fstorage.azure.com%2F"
	storage    = "https://storage.azure.com/.default"
	assertions = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
)

// tokens fetches the tokens of a pod's or a machine's identity, and keeps one until shortly before its end.
type tokens struct {
	client *http.Client
	now    func() time.Time
	mu     sync.Mutex
	kept   azcore.AccessToken
}

func newTokens(client *http.Client) *tokens { return &tokens{client: client, now: time.Now} }

// noIdentity says that there is none: another try would find it no more.
type noIdentity struct{ error }

// early is how long before its end a token is fetched anew.
const early = 5 * time.Minute

// GetToken implements azcore.TokenCredential.
func (t *tokens) GetToken(ctx context.Context, _ policy.TokenRequestOptions) (azcore.AccessToken, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.now().Add(early).Before(t.kept.ExpiresOn) {
		return t.kept, nil
	}
	request, err := tokenRequest(ctx)
	if err != nil {
		return azcore.AccessToken{}, &noIdentity{err}
	}
	token, lasts, err := t.fetch(request)
	if err != nil {
		return azcore.AccessToken{}, err
	}
	t.kept = azcore.AccessToken{Token: token, ExpiresOn: t.now().Add(lasts)}
	return t.kept, nil
}

// tokenRequest asks for the workload identity that the environment names, or for the machine's.
func tokenRequest(ctx context.Context) (*http.Request, error) {
	file := os.Getenv("AZURE_FEDERATED_TOKEN_FILE")
	client := os.Getenv("AZURE_CLIENT_ID")
	if file == "" {
		at := machine
		if client != "" {
			at += "&client_id=" + url.QueryEscape(client)
		}
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, at, nil)
		if err == nil {
			r.Header.Set("Metadata", "true")
		}
		return r, err
	}
	proof, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("AZURE_FEDERATED_TOKEN_FILE: %w", err)
	}
	host := os.Getenv("AZURE_AUTHORITY_HOST")
	if host == "" {
		host = "https://login.microsoftonline.com/"
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {client}, "scope": {storage},
		"client_assertion_type": {assertions}, "client_assertion": {strings.TrimSpace(string(proof))}}
	at := strings.TrimSuffix(host, "/") + "/" + url.PathEscape(os.Getenv("AZURE_TENANT_ID")) + "/oauth2/v2.0/token"
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, at, strings.NewReader(form.Encode()))
	if err == nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	return r, err
}

// fetch sends the request. An error says nothing of what the answer holds.
func (t *tokens) fetch(r *http.Request) (token string, lasts time.Duration, err error) {
	answer, err := t.client.Do(r)
	if err != nil {
		return "", 0, fmt.Errorf("asking for an identity: %w", err)
	}
	defer answer.Body.Close()
	var said struct {
		Token   string          `json:"access_token"`
		Expires json.RawMessage `json:"expires_in"` // a number, or one in quotes
	}
	const most = 1 << 20
	if err := json.NewDecoder(io.LimitReader(answer.Body, most)).Decode(&said); err != nil || answer.StatusCode != http.StatusOK || said.Token == "" {
		err := fmt.Errorf("asking %s for an identity: status %d and no token", r.URL.Host, answer.StatusCode)
		switch answer.StatusCode {
		case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden:
			err = &noIdentity{err}
		}
		return "", 0, err
	}
	seconds, err := strconv.Atoi(strings.Trim(string(said.Expires), `"`))
	if err != nil || seconds < 1 {
		return "", 0, fmt.Errorf("asking %s for an identity: the answer does not say how long it lasts", r.URL.Host)
	}
	return said.Token, time.Duration(seconds) * time.Second, nil
}
