using System.Security.Cryptography;

namespace Webmail.MailCore.Auth;

/// <summary>
/// What a server keeps of a password for SCRAM-SHA-256 (RFC 5802 section 3, RFC 7677): enough to check a proof and to prove itself, not enough to log in
/// anywhere. Names are the RFC's.
/// </summary>
internal sealed record ScramVerifier(byte[] StoredKey, byte[] ServerKey)
{
    public const int KeyBytes = SHA256.HashSizeInBytes;

    /// <summary>A verifier that nothing matches, for names without app passwords: they take the same way.</summary>
    public static readonly ScramVerifier Nobody = new(RandomNumberGenerator.GetBytes(KeyBytes), RandomNumberGenerator.GetBytes(KeyBytes));

    public static ScramVerifier Make(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations) => Of(SaltedPassword(password, salt, iterations));

    /// <summary>Hi(password, salt, i), which is PBKDF2 with HMAC-SHA-256: the only part that costs anything, and it is the client's.</summary>
    public static byte[] SaltedPassword(ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(password, salt, iterations, HashAlgorithmName.SHA256, KeyBytes);

    public static ScramVerifier Of(byte[] saltedPassword) =>
        new(SHA256.HashData(HMACSHA256.HashData(saltedPassword, "Client Key"u8)), HMACSHA256.HashData(saltedPassword, "Server Key"u8));

    /// <summary>Whether the client knows the password: its ClientKey, taken out of the proof, must hash to the StoredKey. In constant time.</summary>
    public bool Proves(ReadOnlySpan<byte> authMessage, ReadOnlySpan<byte> clientProof)
    {
        if (clientProof.Length != KeyBytes)
            return false;
        Span<byte> clientKey = stackalloc byte[KeyBytes];
        HMACSHA256.HashData(StoredKey, authMessage, clientKey);
        for (var i = 0; i < KeyBytes; i++)
            clientKey[i] ^= clientProof[i];
        Span<byte> hashed = stackalloc byte[KeyBytes];
        SHA256.HashData(clientKey, hashed);
        return CryptographicOperations.FixedTimeEquals(hashed, StoredKey);
    }

    /// <summary>Whether another verifier was made of the same password and salt. In constant time.</summary>
    public bool IsSame(ScramVerifier other) => CryptographicOperations.FixedTimeEquals(StoredKey, other.StoredKey);

    /// <summary>ServerSignature.</summary>
    public byte[] Sign(ReadOnlySpan<byte> authMessage) => HMACSHA256.HashData(ServerKey, authMessage);

    // A record prints its members.
    public override string ToString() => nameof(ScramVerifier);
}
