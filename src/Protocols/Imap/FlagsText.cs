using System.Text;
using Webmail.MailCore.Model;

namespace Webmail.Protocols.Imap;

/// <summary>Flags to be written, without the parentheses.</summary>
internal readonly ref struct FlagsText(FlagSet flags, bool recent, KeywordTable keywords)
{
    private static readonly byte[][] Names = [.. SystemFlags.All.Select(f => Encoding.ASCII.GetBytes("\\" + f.Name))];

    public void Write(ImapWriter writer)
    {
        var first = true;
        for (var i = 0; i < Names.Length; i++)
        {
            if (!flags.Has(SystemFlags.All[i].Flag))
                continue;
            Gap(writer, ref first);
            writer.Raw(Names[i]);
        }

        if (recent)
        {
            Gap(writer, ref first);
            writer.Raw("\\Recent"u8);
        }

        var bits = (ulong)flags.Bits >> FlagSet.FirstKeywordBit;
        for (var bit = FlagSet.FirstKeywordBit; bits != 0; bit++, bits >>= 1)
        {
            if ((bits & 1) == 0 || keywords.NameOf(bit) is not { } name)
                continue;
            Gap(writer, ref first);
            writer.Constant(name);
        }
    }

    private static void Gap(ImapWriter writer, ref bool first)
    {
        if (!first)
            writer.Raw(" "u8);
        first = false;
    }
}
