package main

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"fmt"
	"hash/adler32"
	"hash/crc32"
	"hash/crc64"
	"hash/fnv"
	"hash/maphash"
)

func main() {
	fmt.Printf("%x\n%x\n%x\n%x\n", sha256.Sum256([]byte("a")), sha512.Sum512([]byte("a")), md5.Sum([]byte("a")), sha1.Sum([]byte("a")))
	fmt.Printf("%x\n", sha3.Sum256([]byte("a")))
	h := hmac.New(sha256.New, []byte("k"))
	h.Write([]byte("m"))
	fmt.Printf("%x\n", h.Sum(nil))
	b, _ := aes.NewCipher(make([]byte, 16))
	g, _ := cipher.NewGCM(b)
	ct := g.Seal(nil, make([]byte, 12), []byte("plain"), nil)
	fmt.Printf("%x\n", ct)
	pt, err := g.Open(nil, make([]byte, 12), ct, nil)
	fmt.Println(string(pt), err)
	s := cipher.NewCTR(b, make([]byte, 16))
	o := make([]byte, 5)
	s.XORKeyStream(o, []byte("hello"))
	fmt.Printf("%x\n", o)
	r := make([]byte, 8)
	n, err := rand.Read(r)
	fmt.Println(n, err, !bytes.Equal(r, make([]byte, 8)))
	pub, priv, _ := ed25519.GenerateKey(nil)
	fmt.Println(ed25519.Verify(pub, []byte("x"), ed25519.Sign(priv, []byte("x"))))
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	fmt.Println(err)
	sg, err := ecdsa.SignASN1(rand.Reader, k, make([]byte, 32))
	fmt.Println(ecdsa.VerifyASN1(&k.PublicKey, make([]byte, 32), sg), err)
	rk, err := rsa.GenerateKey(rand.Reader, 1024)
	fmt.Println(err, rk != nil)
	fmt.Println(crc32.ChecksumIEEE([]byte("abc")), crc32.Checksum([]byte("abc"), crc32.MakeTable(crc32.Castagnoli)), adler32.Checksum([]byte("abc")), crc64.Checksum([]byte("abc"), crc64.MakeTable(crc64.ECMA)))
	f := fnv.New64a()
	f.Write([]byte("abc"))
	fmt.Println(f.Sum64())
	sd := maphash.MakeSeed()
	fmt.Println(maphash.String(sd, "a") == maphash.String(sd, "a"), maphash.Comparable(sd, 3) == maphash.Comparable(sd, 3))
}
