package store

import "crypto/ed25519"

// openSigner reads the key that signs receipts.
func openSigner(path string) (ed25519.PrivateKey, error) {
	seed, err := keyFile(path, ed25519.SeedSize)
	if err != nil {
		return nil, err
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// ReceiptKey is the key that signs receipts. It is never shown; its public half
// is.
func (s *Store) ReceiptKey() ed25519.PrivateKey { return s.signer }
