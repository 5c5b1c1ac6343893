package azure

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"

	"github.com/rondo-ml/rondo/data/objects"
)

func (s *store) name() string { return "azblob://" + s.bucket }

// broken is an error of the connection. The address in it may hold a signature, and is left out.
func (s *store) broken(op, key string, err error) *objects.Error {
	if of, ok := errors.AsType[*url.Error](err); ok {
		err = of.Err
	}
	return &objects.Error{Kind: objects.Passing, Op: op, Bucket: s.name(), Key: key, Where: s.where, Err: err,
		Advice: "is AZURE_STORAGE_ACCOUNT right, and the store up?"}
}

// fault says what an answer of the store, or none, means. Its text may repeat a signature, and is left out.
func (s *store) fault(op, key string, err error) error {
	if none, is := errors.AsType[*noIdentity](err); is {
		return &objects.Error{Kind: objects.Denied, Op: op, Bucket: s.name(), Key: key, Where: s.where, Err: none,
			Advice: "correct the identity, or set AZURE_STORAGE_KEY or AZURE_STORAGE_SAS_TOKEN"}
	}
	said, ok := errors.AsType[*azcore.ResponseError](err)
	if !ok {
		return s.broken(op, key, err)
	}
	e := &objects.Error{Op: op, Bucket: s.name(), Key: key, Where: s.where, Err: errors.New(said.ErrorCode)}
	if said.ErrorCode == "" {
		e.Err = errors.New(http.StatusText(said.StatusCode))
	}
	switch code := said.StatusCode; {
	case said.ErrorCode == "ContainerNotFound":
		e.Kind, e.Key, e.Err, e.Advice = objects.NoBucket, "", nil, "make the container, or correct its name or AZURE_STORAGE_ACCOUNT"
	case code == http.StatusNotFound:
		e.Kind, e.Err = objects.Missing, nil
	case said.ErrorCode == "BlobAlreadyExists" || code == http.StatusPreconditionFailed:
		e.Kind, e.Err = objects.Refused, nil
	case code == http.StatusRequestedRangeNotSatisfiable:
		e.Kind = objects.ShortRead
	case code == http.StatusForbidden || code == http.StatusUnauthorized:
		e.Kind = objects.Denied
		e.Advice = "the identity, key or signature needs the role Storage Blob Data Contributor on the container (for data: Reader)"
	case code == http.StatusTooManyRequests || code == http.StatusRequestTimeout || code >= 500 && code != http.StatusNotImplemented:
		e.Kind = objects.Passing
	}
	return e
}
