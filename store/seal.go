package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"gongkai/store/files"
)

// sealer encrypts the identities of applicants with AES-256-GCM under a key
// that lies in a file of its own, apart from the records.
type sealer struct {
	aead cipher.AEAD
	salt []byte // for keyed hashes
	sum  string // names the key
}

// keySize is the size of the identity key in bytes.
const keySize = 32

// keyFile reads a key of so many bytes from a file of its own, and makes one if
// there is none.
func keyFile(path string, size int) ([]byte, error) {
	key, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		key = make([]byte, size)
		if _, err = rand.Read(key); err != nil {
			return nil, err
		}
		if err = os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, err
		}
		err = writeFile(path, key)
	}
	if err != nil {
		return nil, fmt.Errorf("reading a key: %w", err)
	}
	if len(key) != size {
		return nil, fmt.Errorf("the key %s is %d bytes long, not %d", path, len(key), size)
	}
	return key, nil
}

// openSealer reads the key of identities.
func openSealer(path string) (*sealer, error) {
	key, err := keyFile(path, keySize)
	if err != nil {
		return nil, err
	}
	return newSealer(key)
}

func newSealer(key []byte) (*sealer, error) {
	if len(key) != keySize {
		return nil, fmt.Errorf("the identity key is %d bytes long, not %d", len(key), keySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	salt := sha256.Sum256(append([]byte("gongkai salt "), key...))
	return &sealer{aead, salt[:], keySum(key)}, nil
}

// seal encrypts plain and binds it to the record it belongs to.
func (s *sealer) seal(plain []byte, record string) ([]byte, error) {
	return s.aead.Seal(nil, nil, plain, []byte(record)), nil
}

func (s *sealer) open(sealed []byte, record string) ([]byte, error) {
	return s.aead.Open(nil, nil, sealed, []byte(record))
}

// writeFile writes a file so that after a crash it is there whole or not at
// all.
func writeFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already once renamed
	if _, err = f.Write(data); err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return files.Commit(f.Name(), path)
}
