package store

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	bolt "go.etcd.io/bbolt"

	"gongkai/portal"
)

// signerSumKey is where the records say which key signs receipts.
const signerSumKey = "receipt.key"

// openSigner reads the key that signs receipts. It is made at the first start;
// later one that is gone, or another one, is refused: receipts that were given
// out could not be verified any more.
func (s *core) openSigner() error {
	path := filepath.Join(s.dir, "keys", "receipt.key")
	var sum string
	err := s.db.View(func(tx *bolt.Tx) error { return get(tx, metaBucket, signerSumKey, &sum) })
	if err != nil && portal.KindOf(err) != portal.NotFound {
		return err
	}
	if _, err := os.Stat(path); sum != "" && errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s %w", path, ErrKeyMissing)
	}
	seed, err := keyFile(path, ed25519.SeedSize)
	if err != nil {
		return err
	}
	s.signer = ed25519.NewKeyFromSeed(seed)
	public := sha256.Sum256(s.signer.Public().(ed25519.PublicKey))
	is := hex.EncodeToString(public[:8])
	if sum == "" {
		return s.update(context.Background(), func(tx *bolt.Tx) error { return put(tx.Bucket(metaBucket), signerSumKey, is) })
	}
	if sum != is {
		return fmt.Errorf("%s is not the key that these records' receipts are signed with: take it from a backup", path)
	}
	return nil
}

// ReceiptKey is the key that signs receipts. It is never shown; its public half
// is.
func (s Secrets) ReceiptKey() ed25519.PrivateKey { return s.signer }
