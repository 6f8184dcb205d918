package store

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// openSigner reads the key that signs receipts, and makes one if there is none.
func openSigner(path string) (ed25519.PrivateKey, error) {
	seed, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		seed = make([]byte, ed25519.SeedSize)
		if _, err = rand.Read(seed); err != nil {
			return nil, err
		}
		if err = os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, err
		}
		err = writeFile(path, seed)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the receipt key: %w", err)
	}
	if len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("the receipt key %s is %d bytes long, not %d", path, len(seed), ed25519.SeedSize)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// ReceiptKey is the key that signs receipts. It is never shown; its public half
// is.
func (s *Store) ReceiptKey() ed25519.PrivateKey { return s.signer }
