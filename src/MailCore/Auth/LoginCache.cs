using System.Security.Cryptography;
using System.Text;
using Webmail.MailCore.Directory;
using Webmail.MailCore.Model;

namespace Webmail.MailCore.Auth;

/// <summary>
/// Good logins of the last minute, so that a client that connects fifty times is hashed once. The key is an HMAC of name and password under a key
/// that dies with the process: neither can be read back. It holds the credential's version, which the caller compares with the account at each
/// use, so a changed password is dead at once.
/// </summary>
internal sealed class LoginCache(TimeProvider time)
{
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);
    private readonly BoundedCache<string, GoodLogin> _good = new(20_000, TimeSpan.FromSeconds(60), time);

    public string KeyOf(string name, byte[] password)
    {
        var nameLength = Encoding.UTF8.GetByteCount(name);
        var message = new byte[nameLength + 1 + password.Length];
        Encoding.UTF8.GetBytes(name, message);
        password.CopyTo(message, nameLength + 1);
        var key = Convert.ToBase64String(HMACSHA256.HashData(_secret, message));
        CryptographicOperations.ZeroMemory(message);
        return key;
    }

    public GoodLogin? Find(string key, AccountId account, long version) =>
        _good.Find(key) is { } login && login.Account == account && login.Version == version ? login : null;

    /// <param name="credential">The app password; null: the account's own password.</param>
    public void Add(string key, AccountId account, long version, long? credential) => _good.Add(key, new(account, version, credential), _good.Generation);
}

/// <param name="Credential">The app password, which the caller asks after at each use; null: the account's own password.</param>
internal sealed record GoodLogin(AccountId Account, long Version, long? Credential);
