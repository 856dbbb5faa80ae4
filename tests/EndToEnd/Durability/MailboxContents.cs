using System.Globalization;
using System.Text.RegularExpressions;

namespace Webmail.EndToEnd.Durability;

/// <summary>All that is in a mailbox, octet for octet, as IMAP gives it.</summary>
internal sealed partial record MailboxContents(long UidValidity, IReadOnlyDictionary<long, byte[]> ByUid)
{
    public static async Task<MailboxContents> ReadAsync(ServerProcess server, string address, string mailbox)
    {
        using var connection = await LineConnection.OpenAsync(server.Address, server.Imap);
        await connection.LineAsync();
        Ok(await connection.TaggedAsync($"LOGIN {address} {server.Passwords[address]}"));
        long validity = 0;
        Ok(await connection.TaggedAsync($"EXAMINE {mailbox}", (line, _) =>
        {
            if (Validity().Match(line) is { Success: true } match)
                validity = long.Parse(match.Groups["n"].Value, CultureInfo.InvariantCulture);
        }));
        var messages = new Dictionary<long, byte[]>();
        Ok(await connection.TaggedAsync("UID FETCH 1:* (UID BODY.PEEK[])", (line, literal) =>
        {
            if (literal is not null)
                messages.Add(long.Parse(Uid().Match(line).Groups["n"].Value, CultureInfo.InvariantCulture), literal);
        }));
        return new(validity, messages);
    }

    private static void Ok(string reply) => Assert.StartsWith("OK", reply, StringComparison.Ordinal);

    [GeneratedRegex(@"UIDVALIDITY (?<n>\d+)", RegexOptions.None, 1000)]
    private static partial Regex Validity();

    [GeneratedRegex(@"UID (?<n>\d+)", RegexOptions.None, 1000)]
    private static partial Regex Uid();
}
