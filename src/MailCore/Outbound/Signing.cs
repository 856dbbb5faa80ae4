using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Webmail.MailCore.Directory;
using Webmail.MailCore.Store;

namespace Webmail.MailCore.Outbound;

/// <summary>
/// DKIM signatures (RFC 6376; rsa-sha256, relaxed/relaxed) over stored octets. The message itself is never touched: a signature is a header
/// field that goes in front of it. Reads the message once, 64 KiB at a time. Holds no lock.
/// </summary>
public sealed class Signing(IDirectory directory, TimeProvider time)
{
    private const int LargestHeader = 4 * 1024 * 1024;

    // A field is signed once more than it stands in the message, so that nobody can add another one (RFC 6376 section 8.15): these always …
    private static readonly string[] Oversigned = ["from", "reply-to", "subject", "to", "cc"];

    // … these only where they stand in the message, because a mailing list may rightly add them …
    private static readonly string[] OversignedIfPresent = ["sender", "date", "message-id", "mime-version", "content-type", "content-transfer-encoding"];

    // … and these as often as they stand there.
    private static readonly string[] Signed = ["in-reply-to", "references", "list-id", "list-unsubscribe", "list-unsubscribe-post", "list-post", "list-help"];

    /// <summary>The signature of one of our domains.</summary>
    /// <param name="domain">The domain that answers for the message: the one in From.</param>
    /// <returns>Complete header fields to go in front of the message; empty: the domain has no key, or the message has no From to answer for.</returns>
    public async ValueTask<ReadOnlyMemory<byte>> SignAsync(MessageBody message, string domain, CancellationToken ct)
    {
        if (await directory.DkimKeyAsync(domain, ct) is not { } key)
            return default;
        using var reader = new SignedParts(LargestHeader);
        var buffer = new byte[64 * 1024];
        for (long at = 0; at < message.Length;)
        {
            var read = await message.ReadAsync(at, buffer, ct);
            if (read == 0)
                break;
            reader.Append(buffer.AsSpan(0, read));
            at += read;
        }

        return reader.Finish() is { } parts && parts.Fields.Exists(f => f.Name == "from") ? Sign(key, parts.Fields, parts.BodyHash) : default(ReadOnlyMemory<byte>);
    }

    private byte[] Sign(DkimKey key, List<HeaderField> fields, byte[] bodyHash)
    {
        var names = NamesToSign(fields);
        var header = new StringBuilder(1024)
            .Append("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n")
            .Append(CultureInfo.InvariantCulture, $"\td={new IdnMapping().GetAscii(key.Domain)}; s={key.Selector}; t={time.GetUtcNow().ToUnixTimeSeconds()};\r\n")
            .Append("\th=");
        AppendNames(header, names);
        header.Append(CultureInfo.InvariantCulture, $";\r\n\tbh={Convert.ToBase64String(bodyHash)};\r\n\tb=");

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        AppendSigned(hash, fields, names);
        // RFC 6376 section 3.7: last the signature field itself, its b= empty, without the CRLF.
        hash.AppendData(HeaderField.Parse(Encoding.ASCII.GetBytes(header.ToString())).Relaxed());
        using var rsa = RSA.Create();
        rsa.ImportFromPem(key.PrivateKeyPem);
        var signature = Convert.ToBase64String(rsa.SignHash(hash.GetHashAndReset(), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        for (var at = 0; at < signature.Length; at += 72)
            header.Append(at == 0 ? "" : "\r\n\t ").Append(signature.AsSpan(at, Math.Min(72, signature.Length - at)));
        return Encoding.ASCII.GetBytes(header.Append("\r\n").ToString());
    }

    private static List<string> NamesToSign(List<HeaderField> fields)
    {
        var names = new List<string>();
        foreach (var name in Oversigned.Concat(OversignedIfPresent).Concat(Signed))
        {
            var present = fields.Count(f => f.Name == name);
            var extra = Oversigned.Contains(name) || present > 0 && OversignedIfPresent.Contains(name) ? 1 : 0;
            names.AddRange(Enumerable.Repeat(name, present + extra));
        }

        return names;
    }

    private static void AppendNames(StringBuilder header, List<string> names)
    {
        var column = 3;
        for (var i = 0; i < names.Count; i++)
        {
            if (i > 0)
                header.Append(':');
            if (column + names[i].Length > 74)
            {
                header.Append("\r\n\t ");
                column = 2;
            }

            header.Append(names[i]);
            column += names[i].Length + 1;
        }
    }

    private static void AppendSigned(IncrementalHash hash, List<HeaderField> fields, List<string> names)
    {
        // RFC 6376 section 5.4.2: several fields of a name are taken from the bottom up; a name too many is the empty string.
        var taken = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var before = taken.GetValueOrDefault(name, fields.Count);
            var index = before > 0 ? fields.FindLastIndex(before - 1, f => f.Name == name) : -1;
            taken[name] = Math.Max(index, 0);
            if (index < 0)
                continue;
            hash.AppendData(fields[index].Relaxed());
            hash.AppendData("\r\n"u8);
        }
    }
}
