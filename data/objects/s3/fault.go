package s3

import (
	"crypto/x509"
	"errors"
	"io/fs"
	"net/http"

	"github.com/minio/minio-go/v7"

	"github.com/rondo-ml/rondo/data/objects"
)

func (s *store) name() string { return s.scheme + "://" + s.bucket }

func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// orElse is advice for S3, or for another store.
func (s *store) orElse(s3, other string) string {
	if s.scheme == "s3" {
		return s3
	}
	return other
}

// broken is an error of the connection.
func (s *store) broken(op, key string, err error) *objects.Error {
	return &objects.Error{Kind: objects.Passing, Op: op, Bucket: s.name(), Key: key, Where: s.where, Err: err,
		Advice: s.orElse("is the store up, and AWS_ENDPOINT_URL_S3 right?", "is the store up?")}
}

func (s *store) noBucket(op string, err error) *objects.Error {
	return &objects.Error{Kind: objects.NoBucket, Op: op, Bucket: s.name(), Where: s.where, Err: err,
		Advice: s.orElse("make it, or correct the name or AWS_ENDPOINT_URL_S3", "make it, or correct the name")}
}

// fault says what an answer of the store, or none, means.
func (s *store) fault(op, key string, err error) error {
	said, ok := errors.AsType[minio.ErrorResponse](err)
	if !ok {
		e := s.broken(op, key, err)
		if strange, is := errors.AsType[x509.UnknownAuthorityError](err); is {
			e.Kind, e.Err, e.Advice = objects.Failed, strange, "give the store's authority by AWS_CA_BUNDLE"
		}
		return e
	}
	e := &objects.Error{Op: op, Bucket: s.name(), Key: key, Where: s.where, Err: answer(said)}
	switch said.Code {
	case "NoSuchBucket":
		return s.noBucket(op, nil)
	case "NoSuchKey":
		e.Kind, e.Err = objects.Missing, nil
	case "PreconditionFailed":
		e.Kind, e.Err = objects.Refused, nil
	case "ConditionalRequestConflict", "InternalError", "OperationAborted", "SlowDown", "RequestTimeout", "Throttling", "ThrottlingException", "ExpiredToken":
		e.Kind = objects.Passing
	case "InvalidRange":
		e.Kind = objects.ShortRead
	case "NoSuchUpload":
		e.Advice = "the bucket's rules may remove uploads too soon"
	case "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken":
		e.Kind, e.Advice = objects.Denied, "the store does not know these credentials: correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the file or role that they are from"
	case "RequestTimeTooSkewed":
		e.Advice = "set this machine's clock"
	default:
		s.byStatus(e, said)
	}
	return e
}

// byStatus judges an answer whose code says nothing to us.
func (s *store) byStatus(e *objects.Error, said minio.ErrorResponse) {
	switch code := said.StatusCode; {
	case code == http.StatusForbidden || code == http.StatusUnauthorized || said.Code == "AccessDenied":
		e.Kind = objects.Denied
		e.Advice = "the credentials need s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket there (for data: s3:GetObject)"
		if s.advice != "" {
			e.Advice = s.advice
		} else if value, err := s.core.GetCreds(); err == nil && value.AccessKeyID == "" {
			e.Advice = "no credentials were found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the pod or the machine a role"
		}
	case code == http.StatusNotFound:
		e.Kind = objects.Missing
	case code == http.StatusPreconditionFailed:
		e.Kind = objects.Refused
	case code == http.StatusTooManyRequests || code == http.StatusRequestTimeout || code >= 500 && code != http.StatusNotImplemented:
		e.Kind = objects.Passing
	}
}

// answer is what the store said, without what may be a secret: its message can repeat a request's signature.
type answer minio.ErrorResponse

func (a answer) Error() string {
	code := a.Code
	if code == "" {
		code = http.StatusText(a.StatusCode)
	}
	return code
}
