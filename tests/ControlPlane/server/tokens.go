package main

import (
	"context"
	"crypto/rand"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/serviceaccount"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/registry/rest"
)

// tokenStore authenticates bearer tokens: the static ones and those issued to
// service accounts. The latter are also kept in a file, because clients expect
// their tokens to outlive a restart of the server.
type tokenStore struct {
	mu         sync.RWMutex
	tokens     map[string]user.Info
	issuedFile string
}

// loadTokens reads the static tokens and those issued by earlier runs. Both
// files hold CSV records: token,user,uid[,"group1,group2"].
func loadTokens(staticFile, issuedFile string) (*tokenStore, error) {
	store := &tokenStore{tokens: map[string]user.Info{}, issuedFile: issuedFile}
	if err := store.read(staticFile); err != nil {
		return nil, err
	}
	if err := store.read(issuedFile); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return store, nil
}

func (s *tokenStore) read(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	reader := csv.NewReader(f)
	reader.FieldsPerRecord = -1
	rows, err := reader.ReadAll()
	if err != nil {
		return fmt.Errorf("reading tokens from %s: %w", file, err)
	}
	for _, row := range rows {
		if len(row) < 2 || row[0] == "" || row[1] == "" {
			return fmt.Errorf("reading tokens from %s: a record needs a token and a user, got %d fields", file, len(row))
		}
		row = append(row, "", "")
		s.add(row[0], row[1], row[2], strings.FieldsFunc(row[3], func(r rune) bool { return r == ',' }))
	}
	return nil
}

// issue makes a token valid from now on, restarts included.
func (s *tokenStore) issue(token, name, uid string) error {
	f, err := os.OpenFile(s.issuedFile, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	// One write: a process killed here leaves the whole record or none of it.
	_, err = fmt.Fprintf(f, "%s,%s,%s\n", token, name, uid)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	s.add(token, name, uid, nil)
	return nil
}

func (s *tokenStore) add(token, name, uid string, groups []string) {
	if namespace, _, err := serviceaccount.SplitUsername(name); err == nil {
		groups = append(groups, serviceaccount.MakeGroupNames(namespace)...)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[token] = &user.DefaultInfo{Name: name, UID: uid, Groups: groups}
}

func (s *tokenStore) AuthenticateToken(_ context.Context, token string) (*authenticator.Response, bool, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	info, ok := s.tokens[token]
	return &authenticator.Response{User: info}, ok, nil
}

// tokenREST issues tokens for service accounts (kubectl create token). They
// live as long as the data directory; the requested audience and lifetime are
// ignored.
type tokenREST struct {
	tokens   *tokenStore
	accounts rest.Getter
}

func (r *tokenREST) New() runtime.Object { return &authenticationv1.TokenRequest{} }
func (r *tokenREST) Destroy()            {}

// GroupVersionKind tells the installer that the subresource's kind is of another group.
func (r *tokenREST) GroupVersionKind(schema.GroupVersion) schema.GroupVersionKind {
	return authenticationv1.SchemeGroupVersion.WithKind("TokenRequest")
}

func (r *tokenREST) Create(ctx context.Context, name string, object runtime.Object, _ rest.ValidateObjectFunc, _ *metav1.CreateOptions) (runtime.Object, error) {
	account, err := r.accounts.Get(ctx, name, &metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	a := account.(*corev1.ServiceAccount)
	out := object.(*authenticationv1.TokenRequest)
	out.Name, out.Namespace, out.CreationTimestamp = a.Name, a.Namespace, metav1.Now()
	out.Status.Token = rand.Text()
	out.Status.ExpirationTimestamp = metav1.NewTime(time.Now().Add(24 * time.Hour))
	return out, r.tokens.issue(out.Status.Token, serviceaccount.MakeUsername(a.Namespace, a.Name), string(a.UID))
}
