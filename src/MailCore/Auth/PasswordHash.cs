using System.Globalization;
using System.Security.Cryptography;
using NSec.Cryptography;
using Foreign = Konscious.Security.Cryptography;

namespace Webmail.MailCore.Auth;

/// <summary>
/// A password's verifier: Argon2id (RFC 9106) in the PHC string format, <c>$argon2id$v=19$m=19456,t=2,p=1$salt$hash</c>. New ones are made with
/// OWASP's minimum (19 MiB, 2 passes, 1 lane); older and foreign ones are verified with whatever they say, within bounds.
/// </summary>
internal sealed record PasswordHash
{
    private const int MemoryKiB = 19 * 1024;
    private const int Passes = 2;
    private const int Lanes = 1;
    private const int SaltBytes = 16;
    private const int HashBytes = 32;

    /// <summary>A verifier that nothing matches, for names that don't exist: they take the same time.</summary>
    public static readonly PasswordHash Nobody = new(MemoryKiB, Passes, Lanes, new byte[SaltBytes], RandomNumberGenerator.GetBytes(HashBytes));

    private readonly int _memory;
    private readonly int _passes;
    private readonly int _lanes;
    private readonly byte[] _salt;
    private readonly byte[] _hash;

    private PasswordHash(int memory, int passes, int lanes, byte[] salt, byte[] hash)
    {
        _memory = memory;
        _passes = passes;
        _lanes = lanes;
        _salt = salt;
        _hash = hash;
    }

    /// <summary>True when it was made with other costs than new ones are: make it again at the next good login.</summary>
    public bool IsOutdated => _memory != MemoryKiB || _passes != Passes || _lanes != Lanes || _hash.Length != HashBytes;

    /// <summary>Takes some 50 ms of a core and 19 MiB.</summary>
    public static PasswordHash Make(byte[] password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return new(MemoryKiB, Passes, Lanes, salt, Derive(password, salt, MemoryKiB, Passes, Lanes, HashBytes));
    }

    /// <summary>Takes some 50 ms of a core and 19 MiB, whether it matches or not.</summary>
    public bool Matches(byte[] password) =>
        CryptographicOperations.FixedTimeEquals(_hash, Derive(password, _salt, _memory, _passes, _lanes, _hash.Length));

    /// <summary>Null: not a verifier that this server can check.</summary>
    public static PasswordHash? TryParse(string phc)
    {
        var parts = phc.Split('$');
        if (parts is not ["", "argon2id", "v=19", _, _, _] || parts[3].Split(',') is not [var m, var t, var p])
            return null;
        if (!TryNumber(m, "m=", 8, 1 << 20, out var memory) || !TryNumber(t, "t=", 1, 64, out var passes) || !TryNumber(p, "p=", 1, 64, out var lanes))
            return null;
        return TryBase64(parts[4]) is { Length: >= 8 and <= 64 } salt && TryBase64(parts[5]) is { Length: >= 16 and <= 128 } hash
            ? new(memory, passes, lanes, salt, hash)
            : null;
    }

    public override string ToString() => $"$argon2id$v=19$m={_memory},t={_passes},p={_lanes}${Base64(_salt)}${Base64(_hash)}";

    // libsodium is some times faster and leaves no garbage of 19 MiB behind, but knows one lane and salts of 16 octets only.
    private static byte[] Derive(byte[] password, byte[] salt, int memory, int passes, int lanes, int length)
    {
        if (lanes == 1 && salt.Length == SaltBytes)
        {
            var own = new Argon2id(new Argon2Parameters { DegreeOfParallelism = 1, MemorySize = memory, NumberOfPasses = passes });
            return own.DeriveBytes(password, salt, length);
        }

        using var foreign = new Foreign.Argon2id(password) { Salt = salt, MemorySize = memory, Iterations = passes, DegreeOfParallelism = lanes };
        return foreign.GetBytes(length);
    }

    private static bool TryNumber(string text, string key, int min, int max, out int value)
    {
        value = 0;
        return text.StartsWith(key, StringComparison.Ordinal)
            && int.TryParse(text.AsSpan(key.Length), NumberStyles.None, CultureInfo.InvariantCulture, out value)
            && value >= min && value <= max;
    }

    // PHC strings carry base64 without padding.
    private static string Base64(byte[] octets) => Convert.ToBase64String(octets).TrimEnd('=');

    private static byte[]? TryBase64(string text)
    {
        try
        {
            return Convert.FromBase64String(text.PadRight((text.Length + 3) / 4 * 4, '='));
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
