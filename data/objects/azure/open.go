package azure

import (
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"

	"github.com/rondo-ml/rondo/data/objects"
)

func init() { objects.Register("azblob", open) }

// store is one container.
type store struct {
	client *container.Client
	bucket string
	where  string
}

func open(bucket string) (objects.Store, error) {
	options := &container.ClientOptions{ClientOptions: azcore.ClientOptions{
		Retry:     policy.RetryOptions{MaxRetries: -1}, // tries are package objects' matter
		Transport: &http.Client{Transport: transport()},
		Telemetry: policy.TelemetryOptions{Disabled: true},
	}}
	client, err := connect(bucket, options)
	if err != nil {
		return nil, err
	}
	where, _, _ := strings.Cut(client.URL(), "?") // a signature may be behind it
	return &store{client, bucket, strings.TrimSuffix(where, "/"+bucket)}, nil
}

func transport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 64
	return t
}

func connect(bucket string, options *container.ClientOptions) (*container.Client, error) {
	if text := os.Getenv("AZURE_STORAGE_CONNECTION_STRING"); text != "" {
		client, err := container.NewClientFromConnectionString(text, bucket, options)
		if err != nil {
			return nil, fmt.Errorf("AZURE_STORAGE_CONNECTION_STRING is none") // the error may repeat it
		}
		return client, nil
	}
	account := os.Getenv("AZURE_STORAGE_ACCOUNT")
	if account == "" {
		return nil, fmt.Errorf("set AZURE_STORAGE_ACCOUNT to the name of the storage account, or AZURE_STORAGE_CONNECTION_STRING")
	}
	address := "https://" + account + ".blob.core.windows.net/" + bucket
	if key := os.Getenv("AZURE_STORAGE_KEY"); key != "" {
		secret, err := blob.NewSharedKeyCredential(account, key)
		if err != nil {
			return nil, fmt.Errorf("AZURE_STORAGE_KEY is no key")
		}
		return container.NewClientWithSharedKeyCredential(address, secret, options)
	}
	if sas := os.Getenv("AZURE_STORAGE_SAS_TOKEN"); sas != "" {
		return container.NewClientWithNoCredential(address+"?"+strings.TrimPrefix(sas, "?"), options)
	}
	return container.NewClient(address, newTokens(&http.Client{Transport: transport(), Timeout: tokenWait}), options)
}
