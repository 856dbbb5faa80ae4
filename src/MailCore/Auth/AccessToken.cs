using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Webmail.MailCore.Auth;

/// <summary>The form of access tokens (b64token of RFC 6750 section 2.1): a mark that scanners for leaked secrets can look for, and 256 bits of chance.</summary>
internal static class AccessToken
{
    private const string Mark = "wmt_";

    public static string Generate() => Mark + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>What is stored. One pass of SHA-256: nobody guesses 256 bits.</summary>
    public static byte[] DigestOf(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
