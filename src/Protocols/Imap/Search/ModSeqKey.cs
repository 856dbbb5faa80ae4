using Webmail.MailCore.Model;
using Webmail.MailCore.Store.Search;

namespace Webmail.Protocols.Imap.Search;

/// <summary>
/// MODSEQ (RFC 7162 section 3.1.5). A message has one mod-sequence for all its metadata, so the entry that may be named is read and left alone.
/// </summary>
internal static class ModSeqKey
{
    public static Criterion Parse(ref ImapReader r)
    {
        r.Space();
        if (r.NextIs('"'))
        {
            r.String();
            r.Space();
            if (!r.TakeName("PRIV"u8) && !r.TakeName("SHARED"u8) && !r.TakeName("ALL"u8))
                throw new SyntaxException("Expected priv, shared or all");
            r.Space();
        }

        var least = new ModSeq(r.Number64());
        return scope =>
        {
            scope.UsesModSeq = true;
            return new ChangedSince(least);
        };
    }
}
