using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Webmail.MailCore.Data.Migrations;

/// <summary>Headers and ancestors' ids beside the messages' facts: append_2.</summary>
[DbContext(typeof(MailDbContext))]
[Migration("20261124130100_MessageHeaders")]
internal sealed class MessageHeaders : SqlMigration;
