using System.Buffers;

namespace Webmail.MailCore.Mime;

/// <summary>
/// ENVELOPE (RFC 9051 section 7.5.2) in wire form: field texts as they stand in the header (encoded words stay encoded), missing Sender and Reply-To
/// taken from From.
/// </summary>
internal static class EnvelopeWriter
{
    public static void Write(ArrayBufferWriter<byte> to, MimePart message)
    {
        to.Raw("("u8);
        to.NString(message[MimeField.Date]);
        to.Space();
        to.NString(message[MimeField.Subject]);
        to.Space();
        var from = AddressParser.Parse(message[MimeField.From]);
        Addresses(to, from);
        AddressesOr(to, message[MimeField.Sender], from);
        AddressesOr(to, message[MimeField.ReplyTo], from);
        AddressesOr(to, message[MimeField.To], []);
        AddressesOr(to, message[MimeField.Cc], []);
        AddressesOr(to, message[MimeField.Bcc], []);
        to.Space();
        to.NString(message[MimeField.InReplyTo]);
        to.Space();
        to.NString(message[MimeField.MessageId]);
        to.Raw(")"u8);
    }

    private static void AddressesOr(ArrayBufferWriter<byte> to, string? value, List<ParsedAddress> otherwise)
    {
        to.Space();
        var list = AddressParser.Parse(value);
        Addresses(to, list.Count == 0 ? otherwise : list);
    }

    private static void Addresses(ArrayBufferWriter<byte> to, List<ParsedAddress> list)
    {
        if (list.Count == 0)
        {
            to.NString(null);
            return;
        }

        to.Raw("("u8);
        foreach (var address in list)
        {
            to.Raw("("u8);
            to.NString(address.Name);
            to.Space();
            to.NString(address.Route);
            to.Space();
            to.NString(address.Mailbox);
            to.Space();
            to.NString(address.Host);
            to.Raw(")"u8);
        }

        to.Raw(")"u8);
    }
}
