using System.Text;
using Webmail.MailCore.Model;
using Webmail.MailCore.Store;
using Webmail.Protocols.Imap.List;

namespace Webmail.Protocols.Imap.Metadata;

/// <summary>The METADATA response (RFC 5464 section 4.4).</summary>
internal static class MetadataResponse
{
    private const int MaxQuoted = 500;

    /// <summary>What was asked for of a mailbox, or of the server where there is none. A name that was asked for itself and has no value is NIL.</summary>
    public static async ValueTask<IReadOnlyList<Annotation>> ReadAsync(
        ImapSession session, AccountMail mail, MailboxInfo? mailbox, IReadOnlyList<string> names, int depth, CancellationToken ct)
    {
        var found = new List<Annotation>(await mail.Annotations.ReadAsync(mailbox?.Id, names, depth, ct));
        AddComputed(found, names, depth, mailbox is null ? Entries.Admin : Entries.SpecialUse, mailbox is null ? Admin(session, mail) : Use(mailbox));
        if (depth == 0)
            found.AddRange(names.Where(name => !found.Exists(a => a.Entry == name)).Select(static name => new Annotation(name, null)));
        found.Sort(static (a, b) => string.CompareOrdinal(a.Entry, b.Entry));
        return found;
    }

    /// <param name="name">Null: the server.</param>
    public static async ValueTask WriteAsync(ImapSession session, MailboxName? name, IReadOnlyList<Annotation> annotations, CancellationToken ct)
    {
        if (annotations.Count == 0)
            return;
        var writer = session.Out;
        WriteName(writer, name);
        writer.Raw(" ("u8);
        for (var i = 0; i < annotations.Count; i++)
        {
            if (i > 0)
                writer.Raw(" "u8);
            writer.Constant(annotations[i].Entry);
            writer.Raw(" "u8);
            WriteValue(writer, annotations[i].Value);
        }

        writer.Line($")");
        await writer.FlushIfLargeAsync(ct);
    }

    /// <summary>News: names only (RFC 5464 section 4.4.2).</summary>
    public static void WriteNames(ImapWriter writer, MailboxName? name, IEnumerable<string> entries)
    {
        WriteName(writer, name);
        foreach (var entry in entries)
        {
            writer.Raw(" "u8);
            writer.Constant(entry);
        }

        writer.Line($"");
    }

    private static void WriteName(ImapWriter writer, MailboxName? name)
    {
        if (name is { } mailbox)
            writer.Write($"* METADATA {mailbox}");
        else
            writer.Raw("* METADATA \"\""u8);
    }

    private static void WriteValue(ImapWriter writer, byte[]? value)
    {
        if (value is null)
        {
            writer.Raw("NIL"u8);
        }
        else if (value.Length <= MaxQuoted && !value.AsSpan().ContainsAnyExceptInRange((byte)' ', (byte)'~'))
        {
            writer.Write($"{new Quoted(Encoding.ASCII.GetString(value))}");
        }
        else
        {
            if (value.AsSpan().Contains((byte)0))
                writer.Raw("~"u8);
            writer.Literal(value);
        }
    }

    private static byte[]? Use(MailboxInfo mailbox) => SpecialUses.Attribute(mailbox.SpecialUse) is { } use ? Encoding.ASCII.GetBytes(use) : null;

    private static byte[] Admin(ImapSession session, AccountMail mail) =>
        Encoding.ASCII.GetBytes($"mailto:postmaster@{mail.Principal.Address.Domain}".Replace(' ', '?'));

    private static void AddComputed(List<Annotation> found, IReadOnlyList<string> names, int depth, string entry, byte[]? value)
    {
        if (value is not null && names.Any(name => Entries.IsWithin(entry, name, depth)))
            found.Add(new(entry, value));
    }
}
