package lab

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// API speaks to the API server. It reads objects and watches them; what changes
// them is kubectl (Kubectl), as a user does it.
type API struct {
	url    string
	token  string
	client *http.Client
}

func newAPI(url string, caDER []byte, token string) (API, error) {
	ca, err := x509.ParseCertificate(caDER)
	if err != nil {
		return API{}, err
	}
	roots := x509.NewCertPool()
	roots.AddCert(ca)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	return API{url, token, client}, nil
}

func (a API) open(ctx context.Context, path string) (io.ReadCloser, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.url+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+a.token)
	resp, err := a.client.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		defer resp.Body.Close()
		text, _ := io.ReadAll(io.LimitReader(resp.Body, 4096))
		return nil, fmt.Errorf("%s: %s: %s", path, resp.Status, bytes.TrimSpace(text))
	}
	return resp.Body, nil
}

// Get reads an object.
func (a API) Get(ctx context.Context, path string, into any) error {
	body, err := a.open(ctx, path)
	if err != nil {
		return err
	}
	defer body.Close()
	return json.NewDecoder(body).Decode(into)
}

func (a API) ready() error {
	body, err := a.open(context.Background(), "/readyz")
	if err != nil {
		return err
	}
	return body.Close()
}

// Watch lists the objects of a collection and then follows them. It calls done with
// all of them, by name, at first and after each change, until done is true or ctx
// has ended.
func Watch[T any](ctx context.Context, a API, path string, done func(map[string]T) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var list struct {
		Metadata Meta
		Items    []json.RawMessage
	}
	if err := a.Get(ctx, path, &list); err != nil {
		return err
	}
	all := map[string]T{}
	for _, item := range list.Items {
		if err := keep(all, item); err != nil {
			return err
		}
	}
	if done(all) {
		return nil
	}
	sep := "?"
	if strings.Contains(path, "?") {
		sep = "&"
	}
	body, err := a.open(ctx, path+sep+"watch=1&resourceVersion="+list.Metadata.ResourceVersion)
	if err != nil {
		return err
	}
	defer body.Close()
	for changes := json.NewDecoder(body); ; {
		var change struct {
			Type   string
			Object json.RawMessage
		}
		if err := changes.Decode(&change); err != nil {
			return fmt.Errorf("watch %s: %w", path, err)
		}
		switch change.Type {
		case "DELETED":
			var gone struct{ Metadata Meta }
			if err := json.Unmarshal(change.Object, &gone); err != nil {
				return err
			}
			delete(all, gone.Metadata.Name)
		case "ERROR":
			return fmt.Errorf("watch %s: %s", path, change.Object)
		default:
			if err := keep(all, change.Object); err != nil {
				return err
			}
		}
		if done(all) {
			return nil
		}
	}
}

func keep[T any](all map[string]T, text []byte) error {
	var named struct{ Metadata Meta }
	var object T
	if err := json.Unmarshal(text, &named); err != nil {
		return err
	}
	if err := json.Unmarshal(text, &object); err != nil {
		return err
	}
	all[named.Metadata.Name] = object
	return nil
}
