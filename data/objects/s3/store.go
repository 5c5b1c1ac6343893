package s3

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/minio/minio-go/v7/pkg/s3utils"

	"github.com/rondo-ml/rondo/data/objects"
)

func init() { objects.Register("s3", open) }

// store is one bucket.
type store struct {
	core   *minio.Core
	scheme string
	bucket string
	where  string      // the endpoint
	sums   bool        // requests have the hash of what they bring: nothing else protects it on its way
	advice string      // for who is not allowed; empty: Amazon's
	seen   atomic.Bool // the bucket is there
}

func open(bucket string) (objects.Store, error) {
	if err := s3utils.CheckValidBucketName(bucket); err != nil {
		return nil, fmt.Errorf("s3://%s: no bucket has such a name: %w", bucket, err)
	}
	core, where, err := connect()
	if err != nil {
		return nil, err
	}
	return &store{core: core, scheme: "s3", bucket: bucket, where: where, sums: strings.HasPrefix(where, "http:")}, nil
}

// Config is a bucket of a store that takes S3's requests once somebody has translated them.
type Config struct {
	Scheme, Bucket string
	Endpoint       string            // https://HOST
	Transport      http.RoundTripper // translates, and proves who asks
	Advice         string            // for who is not allowed
}

// New opens such a bucket.
func New(c Config) (objects.Store, error) {
	at, err := url.Parse(c.Endpoint)
	if err != nil {
		return nil, err
	}
	core, err := minio.NewCore(at.Host, &minio.Options{
		Creds:  credentials.NewStaticV4("", "", ""), // requests are not signed
		Secure: at.Scheme == "https", Region: "auto", BucketLookup: minio.BucketLookupPath, Transport: c.Transport, MaxRetries: 1,
	})
	if err != nil {
		return nil, err
	}
	return &store{core: core, scheme: c.Scheme, bucket: c.Bucket, where: c.Endpoint, advice: c.Advice}, nil
}

func (s *store) Read(ctx context.Context, key string, off int64, p []byte, etag string) error {
	opts := minio.GetObjectOptions{}
	err := opts.SetRange(off, off+int64(len(p))-1)
	if err == nil && etag != "" {
		err = opts.SetMatchETag(etag)
	}
	if err != nil {
		return s.fault("read", key, err)
	}
	body, info, _, err := s.core.GetObject(ctx, s.bucket, key, opts)
	if err != nil {
		return s.fault("read", key, err)
	}
	defer body.Close()
	if info.Size < int64(len(p)) {
		return &objects.Error{Kind: objects.ShortRead, Op: "read", Bucket: s.name(), Key: key, Where: s.where, Err: io.ErrUnexpectedEOF}
	}
	if _, err := io.ReadFull(body, p); err != nil {
		return s.broken("read", key, err)
	}
	return nil
}

func (s *store) Stat(ctx context.Context, key string) (objects.Info, error) {
	info, err := s.core.StatObject(ctx, s.bucket, key, minio.StatObjectOptions{})
	if err == nil {
		s.seen.Store(true)
		return objects.Info{Size: info.Size, ETag: info.ETag}, nil
	}
	err = s.fault("read", key, err)
	// The answer has no body to tell an object that is missing from a bucket that is.
	if !s.seen.Load() && isMissing(err) {
		if there, asked := s.core.BucketExists(ctx, s.bucket); asked == nil && !there {
			return objects.Info{}, s.noBucket("read", nil)
		}
		s.seen.Store(true)
	}
	return objects.Info{}, err
}

func (s *store) Put(ctx context.Context, key string, data []byte, c objects.Condition) (objects.Info, error) {
	opts := minio.PutObjectOptions{ContentType: "application/octet-stream", DisableContentSha256: true}
	switch {
	case c.Absent():
		opts.SetMatchETagExcept("*")
	case c.ETag() != "":
		opts.SetMatchETag(c.ETag())
	}
	info, err := s.core.PutObject(ctx, s.bucket, key, bytes.NewReader(data), int64(len(data)), "", s.sum(data), opts)
	if err != nil {
		return objects.Info{}, s.fault("write", key, err)
	}
	return objects.Info{Size: info.Size, ETag: info.ETag}, nil
}

func (s *store) List(ctx context.Context, prefix string) ([]string, error) {
	ctx, cancel := context.WithCancel(ctx) // ends the listing when an error does
	defer cancel()
	var names []string
	for o := range s.core.ListObjectsIter(ctx, s.bucket, minio.ListObjectsOptions{Prefix: prefix}) {
		if o.Err != nil {
			return nil, s.fault("list", strings.TrimSuffix(prefix, "/"), o.Err)
		}
		if name := strings.TrimSuffix(strings.TrimPrefix(o.Key, prefix), "/"); name != "" {
			names = append(names, name)
		}
	}
	return names, nil
}

func (s *store) Delete(ctx context.Context, key string) error {
	if err := s.core.RemoveObject(ctx, s.bucket, key, minio.RemoveObjectOptions{}); err != nil {
		return s.fault("remove", key, err)
	}
	return nil
}

// sum is what the store compares with what it was sent; empty: it is asked for nothing. TLS lets nobody change a request, and
// checkpoints and shards are compared with sums of their own when they are read.
func (s *store) sum(data []byte) string {
	if !s.sums {
		return ""
	}
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}
