using System.Security.Cryptography;
using System.Text;

namespace Webmail.Testing;

/// <summary>The client's side of SCRAM-SHA-256 (RFC 5802 section 3), written from the RFC and not from the server.</summary>
public static class ScramClient
{
    /// <param name="first">The client's first message, with its GS2 header.</param>
    /// <param name="challenge">The server's first message.</param>
    /// <param name="binding">The channel binding's octets, where the header says "p=…".</param>
    /// <returns>client-final-message, and the signature in base64 that the server must answer with.</returns>
    public static (string Final, string Signature) Answer(string first, string challenge, string password, byte[]? binding = null)
    {
        var bareAt = first.IndexOf(',', first.IndexOf(',', StringComparison.Ordinal) + 1) + 1;
        var attributes = challenge.Split(',').ToDictionary(a => a[0], a => a[2..]);
        var salted = Rfc2898DeriveBytes.Pbkdf2(
            Encoding.UTF8.GetBytes(password), Convert.FromBase64String(attributes['s']), int.Parse(attributes['i'], System.Globalization.CultureInfo.InvariantCulture), HashAlgorithmName.SHA256, 32);
        byte[] header = [.. Encoding.UTF8.GetBytes(first[..bareAt]), .. binding ?? []];
        var withoutProof = $"c={Convert.ToBase64String(header)},r={attributes['r']}";
        var message = Encoding.UTF8.GetBytes($"{first[bareAt..]},{challenge},{withoutProof}");
        var clientKey = HMACSHA256.HashData(salted, "Client Key"u8);
        var signature = HMACSHA256.HashData(SHA256.HashData(clientKey), message);
        var proof = clientKey.Zip(signature, (a, b) => (byte)(a ^ b)).ToArray();
        var server = HMACSHA256.HashData(HMACSHA256.HashData(salted, "Server Key"u8), message);
        return ($"{withoutProof},p={Convert.ToBase64String(proof)}", Convert.ToBase64String(server));
    }
}
